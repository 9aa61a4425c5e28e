#include "net/wait.h"

#include <doctest/doctest.h>

#include <chrono>
#include <span>

#include "net/task.h"
#include "net/wait_list.h"
#include "tests/support/owned_loop.h"
#include "tests/support/scripted_stream.h"

using namespace bearer;
using namespace std::chrono_literals;
using net::Wake;
using test::OwnedLoop;
using test::ScriptedStream;

namespace {

net::Task<void> wait_once(net::Wait wait, Wake& woke) {
  woke = co_await wait.next();
}

}  // namespace

TEST_CASE("a wait says whether something changed, time ran out or its beneficiary left") {
  struct Case {
    bool hangs_up, late;
    Wake woke;
  };
  const Case cases[] = {{false, false, Wake::ready},
                        {false, true, Wake::timed_out},
                        {true, false, Wake::peer_closed},
                        {true, true, Wake::peer_closed}};
  for (const Case& c : cases) {
    CAPTURE(c.hangs_up);
    CAPTURE(c.late);
    OwnedLoop owned;
    net::Sleeper sleeper(owned.loop());
    ScriptedStream cancel_on;
    Wake woke{};
    net::Task<void> task = wait_once({sleeper, owned.now() + 5s, &cancel_on}, woke);
    task.start();
    if (c.hangs_up) cancel_on.then(ScriptedStream::Status::ended);
    if (!c.late) sleeper.wake();
    owned.advance(c.late ? 5s : 5s - 1ns);
    REQUIRE(task.done());
    CHECK(woke == c.woke);
  }
}

TEST_CASE("a beneficiary who has left already ends the wait without a sleep") {
  OwnedLoop owned;
  net::Sleeper sleeper(owned.loop());
  ScriptedStream cancel_on;
  cancel_on.then(ScriptedStream::Status::ended);
  Wake woke{};
  net::Task<void> task = wait_once({sleeper, base::kNever, &cancel_on}, woke);
  task.start();
  REQUIRE(task.done());
  CHECK(woke == Wake::peer_closed);
}

TEST_CASE("a wait for nobody's sake ends for nobody's leaving") {
  OwnedLoop owned;
  net::Sleeper sleeper(owned.loop());
  Wake woke{};
  net::Task<void> task = wait_once(owned.wait(sleeper), woke);
  task.start();
  sleeper.wake();
  owned.turn();
  CHECK(woke == Wake::ready);
}

TEST_CASE("everyone in a wait list is woken, and who left is not") {
  OwnedLoop owned;
  net::WaitList list;
  net::Sleeper a(owned.loop()), b(owned.loop()), c(owned.loop());
  Wake woke{};
  net::Task<void> first = wait_once(owned.wait(a), woke), second = wait_once(owned.wait(b), woke),
                  third = wait_once(owned.wait(c), woke);
  for (net::Task<void>* task : {&first, &second, &third}) task->start();
  SUBCASE("the one in the middle leaves") {
    const net::WaitList::Place pa(list, a);
    { const net::WaitList::Place pb(list, b), pc(list, c); }
    const net::WaitList::Place pc(list, c);
    list.wake_all();
    owned.turn();
    CHECK(first.done());
    CHECK_FALSE(second.done());
    CHECK(third.done());
  }
  SUBCASE("the first leaves, and later all") {
    {
      std::optional<net::WaitList::Place> pa(std::in_place, list, a);
      const net::WaitList::Place pb(list, b);
      pa.reset();
      const net::WaitList::Place pc(list, c);
      list.wake_all();
      owned.turn();
      CHECK_FALSE(first.done());
      CHECK(second.done());
      CHECK(third.done());
    }
    list.wake_all();  // nobody is left
    owned.turn();
    CHECK_FALSE(first.done());
  }
}

namespace {

/// The end of a peer that only reads, until `left`.
class HalfClosed final : public net::Stream {
 public:
  explicit HalfClosed(const OwnedLoop& owned) : owned_(owned) {}
  void set_waiter(net::Sleeper*) override {}
  net::Io read(std::span<char>) override { return {net::Io::Status::ended}; }
  net::Io write(std::span<const iovec>) override { return {net::Io::Status::blocked}; }
  bool peer_closed() const override { return true; }
  bool peer_left(base::Instant) override { return left; }
  base::Instant look_again() const override { return owned_.now() + 1s; }
  bool quiet(bool) override { return false; }
  void shut() override {}
  void reset_on_close() override {}
  bool left = false;

 private:
  const OwnedLoop& owned_;
};

}  // namespace

TEST_CASE("a beneficiary who only reads is looked at again, for no event tells that he left") {
  OwnedLoop owned;
  net::Sleeper sleeper(owned.loop());
  HalfClosed cancel_on(owned);
  Wake woke{};
  const net::Wait wait{sleeper, owned.now() + 5s, &cancel_on};
  net::Task<void> first = wait_once(wait, woke);
  first.start();
  owned.advance(1s - 1ns);
  CHECK_FALSE(first.done());
  owned.advance(1ns);
  REQUIRE(first.done());
  CHECK(woke == Wake::ready);

  net::Task<void> second = wait_once(wait, woke);
  second.start();
  cancel_on.left = true;
  owned.advance(1s);
  REQUIRE(second.done());
  CHECK(woke == Wake::peer_closed);
}
