#include "wire/sessions.h"

#include <doctest/doctest.h>

#include <vector>

#include "tests/support/owned_loop.h"

using namespace bearer;

namespace {

struct Client {
  Client(net::Loop& loop, int its_number) : sleeper(loop), number(its_number) {}

  net::Sleeper sleeper;
  int number;
  wire::SessionTask<Client> session;
};

wire::SessionTask<Client> until_woken(Client& client) {
  co_await client.sleeper.sleep(base::kNever);
}

struct Fixture {
  void begin(int number) { sessions.begin(until_woken, owned.loop(), number); }
  std::vector<int> numbers() {
    std::vector<int> all;
    for (const Client& client : sessions.all()) all.push_back(client.number);
    return all;
  }

  test::OwnedLoop owned;
  std::vector<std::size_t> reaped;
  wire::Sessions<Client> sessions{owned.loop(),
                                  [this](std::size_t before) { reaped.push_back(before); }};
};

}  // namespace

TEST_CASE_FIXTURE(Fixture,
                  "a client whose session ends is no longer counted, and reaped in the next turn") {
  for (const int number : {1, 2, 3}) begin(number);
  CHECK(sessions.serving() == 3);
  std::next(sessions.all().begin())->sleeper.wake();
  owned.turn();
  CHECK(sessions.serving() == 2);
  owned.turn();
  CHECK(numbers() == std::vector{1, 3});
  CHECK(reaped == std::vector<std::size_t>{3});
}

TEST_CASE_FIXTURE(Fixture, "a client may be ended where it stands, and none is reaped twice") {
  begin(1);
  begin(2);
  sessions.all().erase(sessions.all().begin());
  sessions.all().front().sleeper.wake();
  owned.turn();
  sessions.free_ended();
  owned.turn();
  CHECK(numbers().empty());
  CHECK(sessions.serving() == 0);
}

TEST_CASE_FIXTURE(Fixture, "whoever waits for the last client to go can have the reaper look") {
  owned.turn();
  CHECK(reaped.empty());
  sessions.wake_reaper();
  owned.turn();
  CHECK(reaped == std::vector<std::size_t>{0});
}

TEST_CASE_FIXTURE(Fixture, "a session that ends before it waits is reaped as well") {
  const auto at_once = [](Client&) -> wire::SessionTask<Client> { co_return; };
  sessions.begin(at_once, owned.loop(), 7);
  CHECK(sessions.serving() == 0);
  owned.turn();
  CHECK(numbers().empty());
}
