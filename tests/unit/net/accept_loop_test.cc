#include "net/accept_loop.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <optional>
#include <vector>

#include "net/listener.h"
#include "tests/support/no_descriptors.h"
#include "tests/support/owned_loop.h"
#include "tests/support/raw_socket.h"

using namespace bearer;
using namespace std::chrono_literals;
using test::RawSocket;

namespace {

/// A door on a loop that the test turns, with room for so many.
struct AcceptFixture {
  ~AcceptFixture() {
    for (const int fd : taken) close(fd);
  }
  RawSocket call() const { return RawSocket::connect(listeners.front().address().port()); }
  void open() {
    door.emplace(owned.loop(), listeners.front().fd(),
                 net::AcceptLoop::Hooks{.accept = [this](int fd) { taken.push_back(fd); },
                                        .full = [this] { return taken.size() >= room; },
                                        .make_room = [this] { ++asked_for_room; },
                                        .failed = [this](int error) { errors.push_back(error); },
                                        .recovered = [this] { ++recoveries; }});
  }

  test::OwnedLoop owned;
  std::vector<net::Listener> listeners = net::Listener::open(net::Address{"127.0.0.1", 0}).value();
  std::size_t room = 1000;
  std::vector<int> taken, errors;
  int recoveries = 0, asked_for_room = 0;
  std::optional<net::AcceptLoop> door;
};

}  // namespace

TEST_CASE_FIXTURE(AcceptFixture,
                  "who waits at a door is taken in at once, who comes later in turn") {
  const RawSocket first = call();
  open();
  CHECK(taken.size() == 1);
  const RawSocket second = call();
  owned.turn();
  CHECK(taken.size() == 2);
}

TEST_CASE_FIXTURE(AcceptFixture, "a crowd is taken in over several turns") {
  std::vector<RawSocket> crowd;
  for (int i = 0; i < 100; ++i) crowd.push_back(call());
  open();
  CHECK(taken.size() < crowd.size());
  owned.turn();
  CHECK(taken.size() == crowd.size());
}

TEST_CASE_FIXTURE(AcceptFixture, "nobody is taken in past the limit, until there is room again") {
  room = 1;
  const RawSocket first = call(), second = call();
  open();
  owned.turn();
  CHECK(taken.size() == 1);
  room = 2;
  door->wake();
  owned.turn();
  CHECK(taken.size() == 2);
}

TEST_CASE_FIXTURE(AcceptFixture,
                  "all who have connected are taken in at the end, but for the limit") {
  open();
  const RawSocket first = call(), second = call(), third = call();
  room = 2;
  door->take_all();
  CHECK(taken.size() == 2);
  room = 1000;
  door->take_all();
  CHECK(taken.size() == 3);
}

TEST_CASE_FIXTURE(AcceptFixture,
                  "where nobody can be taken it is said, and tried again after a while") {
  open();
  const RawSocket waits = call();
  {
    const test::NoDescriptors none;
    for (int i = 0; i < 2; ++i) owned.turn();
    CHECK(errors == std::vector<int>{EMFILE});
  }
  owned.advance(99ms);
  CHECK(taken.empty());
  owned.advance(1ms);
  CHECK(taken.size() == 1);
  CHECK(errors.size() == 1);
}

TEST_CASE_FIXTURE(AcceptFixture, "where clients can be taken again for a while, it is said once") {
  open();
  const RawSocket waits = call();
  {
    const test::NoDescriptors none;
    owned.turn();
    for (int i = 0; i < 50; ++i) owned.advance(100ms);
    CHECK(errors.size() == 51);
  }
  owned.advance(100ms);
  CHECK(taken.size() == 1);
  owned.advance(9899ms);
  CHECK(recoveries == 0);
  owned.advance(1ms);
  CHECK(recoveries == 1);
  owned.advance(1min);
  CHECK(recoveries == 1);
}

TEST_CASE_FIXTURE(AcceptFixture, "room is asked for where somebody waits, and only there") {
  room = 1;
  const RawSocket first = call();
  open();
  owned.turn();
  CHECK(asked_for_room == 0);
  const RawSocket second = call();
  owned.turn();
  CHECK(asked_for_room == 1);
  room = 2;
  door->wake();
  owned.turn();
  CHECK(taken.size() == 2);
  CHECK(asked_for_room == 1);
}

TEST_CASE_FIXTURE(AcceptFixture, "room is asked for again for as long as somebody waits") {
  room = 1;
  const RawSocket first = call(), second = call();
  open();
  owned.turn();
  const int before = asked_for_room;
  owned.advance(std::chrono::milliseconds(50));
  CHECK(asked_for_room == before + 1);  // whoever was asked may have been of another mind
  room = 2;
  owned.advance(std::chrono::milliseconds(50));
  CHECK(taken.size() == 2);
  owned.advance(std::chrono::seconds(1));
  CHECK(asked_for_room == before + 1);
}

TEST_CASE_FIXTURE(AcceptFixture, "room is asked for where descriptors are lacking") {
  open();
  const RawSocket client = call();
  const test::NoDescriptors none;
  owned.turn();
  CHECK(errors.size() == 1);
  CHECK(asked_for_room == 1);
}
