#include "net/loop.h"

#include <doctest/doctest.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "net/task.h"
#include "tests/support/owned_clock.h"
#include "tests/support/owned_loop.h"

using namespace bearer;
using namespace std::chrono_literals;
using net::Sleeper;
using net::Task;
using test::OwnedLoop;

namespace {

/// Counts how often it was woken.
Task<void> sleep_on(Sleeper& sleeper, base::Instant deadline, int& woken) {
  for (;;) {
    co_await sleeper.sleep(deadline);
    ++woken;
    deadline = base::kNever;
  }
}

Task<void> note(Sleeper& sleeper, char name, std::string& order) {
  for (;;) {
    co_await sleeper.sleep(base::kNever);
    order += name;
  }
}

struct Watcher final : net::Watched {
  std::uint32_t events = 0;
  void on_events(std::uint32_t happened) override { events |= happened; }
};

}  // namespace

TEST_CASE("a wake before the sleep is not lost") {
  OwnedLoop owned;
  Sleeper sleeper(owned.loop());
  sleeper.wake();
  int woken = 0;
  Task<void> task = sleep_on(sleeper, base::kNever, woken);
  task.start();
  CHECK(woken == 0);  // the others of this turn go first
  owned.turn();
  CHECK(woken == 1);
  owned.turn();
  CHECK(woken == 1);
}

TEST_CASE("waking twice is waking once") {
  OwnedLoop owned;
  Sleeper sleeper(owned.loop());
  int woken = 0;
  Task<void> task = sleep_on(sleeper, base::kNever, woken);
  task.start();
  sleeper.wake();
  sleeper.wake();
  owned.turn();
  owned.turn();
  CHECK(woken == 1);
}

TEST_CASE("sleepers go on in the order in which they were woken") {
  OwnedLoop owned;
  Sleeper a(owned.loop()), b(owned.loop());
  std::string order;
  Task<void> first = note(a, 'a', order), second = note(b, 'b', order);
  first.start();
  second.start();
  b.wake();
  a.wake();
  owned.turn();
  CHECK(order == "ba");
}

TEST_CASE("a deadline wakes at its time, not before") {
  OwnedLoop owned;
  Sleeper sleeper(owned.loop());
  int woken = 0;
  Task<void> task = sleep_on(sleeper, owned.now() + 10s, woken);
  task.start();
  owned.turn();
  owned.advance(10s - 1ns);
  CHECK(woken == 0);
  owned.advance(1ns);
  CHECK(woken == 1);
  owned.advance(1h);
  CHECK(woken == 1);
}

TEST_CASE("a deadline that has passed wakes in the next turn") {
  OwnedLoop owned;
  Sleeper sleeper(owned.loop());
  int woken = 0;
  Task<void> task = sleep_on(sleeper, owned.now() - 1s, woken);
  task.start();
  CHECK(woken == 0);
  owned.turn();
  CHECK(woken == 1);
}

TEST_CASE("a deadline moves with each sleep, later, earlier and to never") {
  OwnedLoop owned;
  Sleeper sleeper(owned.loop());
  std::string woken;
  struct Sleepy {
    static Task<void> run(Sleeper& on, base::Instant start, std::string& out) {
      co_await on.sleep(start + 10s);
      out += "a";
      co_await on.sleep(start + 60s);
      out += "b";
      co_await on.sleep(start + 20s);
      out += "c";
      co_await on.sleep(base::kNever);
      out += "d";
    }
  };
  Task<void> task = Sleepy::run(sleeper, owned.now(), woken);
  task.start();
  owned.advance(5s);
  sleeper.wake();
  owned.turn();
  CHECK(woken == "a");
  owned.advance(10s);  // the deadline of the first sleep has passed
  CHECK(woken == "a");
  sleeper.wake();
  owned.turn();
  CHECK(woken == "ab");
  owned.advance(5s);
  CHECK(woken == "abc");
  owned.advance(1h);
  CHECK(woken == "abc");
}

TEST_CASE("a later deadline holds after the time of the earlier one has passed") {
  OwnedLoop owned;
  Sleeper sleeper(owned.loop());
  std::string woken;
  struct Sleepy {
    static Task<void> run(Sleeper& on, base::Instant start, std::string& out) {
      co_await on.sleep(start + 10s);
      co_await on.sleep(start + 60s);
      out += "late";
    }
  };
  Task<void> task = Sleepy::run(sleeper, owned.now(), woken);
  task.start();
  sleeper.wake();
  owned.turn();
  owned.advance(59s);
  CHECK(woken.empty());
  owned.advance(1s);
  CHECK(woken == "late");
}

TEST_CASE("a sleeper may be destroyed while it is queued, by one that goes before it") {
  OwnedLoop owned;
  Sleeper first(owned.loop());
  auto second = std::make_unique<Sleeper>(owned.loop());
  int woken = 0;
  struct Killer {
    static Task<void> run(Sleeper& on, std::unique_ptr<Sleeper>& victim, Task<void>& its) {
      co_await on.sleep(base::kNever);
      its = Task<void>();
      victim.reset();
    }
  };
  Task<void> victim = sleep_on(*second, owned.now() + 1s, woken);
  Task<void> killer = Killer::run(first, second, victim);
  victim.start();
  killer.start();
  first.wake();
  second->wake();
  owned.turn();
  CHECK(killer.done());
  owned.advance(2s);  // its deadline is gone with it
  CHECK(woken == 0);
}

TEST_CASE("a sleeper may be destroyed between turns, woken or with a deadline") {
  OwnedLoop owned;
  int woken = 0;
  for (const bool wake : {false, true}) {
    Sleeper sleeper(owned.loop());
    Task<void> task = sleep_on(sleeper, owned.now() + 1s, woken);
    task.start();
    if (wake) sleeper.wake();
  }
  owned.advance(2s);
  CHECK(woken == 0);
}

TEST_CASE("a coroutine that is always awake lets the loop turn") {
  OwnedLoop owned;
  Sleeper sleeper(owned.loop());
  int rounds = 0;
  struct Busy {
    static Task<void> run(Sleeper& on, int& count) {
      for (;;) {
        on.wake();
        co_await on.sleep(base::kNever);
        ++count;
      }
    }
  };
  Task<void> task = Busy::run(sleeper, rounds);
  task.start();
  owned.turn();
  CHECK(rounds == 1);
  owned.turn();
  CHECK(rounds == 2);
}

TEST_CASE("posted functions run on the loop's thread, in order, from any thread") {
  OwnedLoop owned;
  std::vector<int> ran;
  std::thread::id where;
  std::thread other([&] {
    for (int i = 0; i < 3; ++i) {
      owned.loop().post([&, i] {
        ran.push_back(i);
        where = std::this_thread::get_id();
      });
    }
  });
  other.join();
  CHECK(ran.empty());
  owned.turn();
  CHECK(ran == std::vector{0, 1, 2});
  CHECK(where == std::this_thread::get_id());
}

TEST_CASE("a posted function may post another") {
  OwnedLoop owned;
  bool ran = false;
  owned.loop().post([&] { owned.loop().post([&] { ran = true; }); });
  owned.turn();
  owned.turn();
  CHECK(ran);
}

TEST_CASE("what is posted and never run is dropped with the loop") {
  const auto held = std::make_shared<int>();
  {
    OwnedLoop owned;
    owned.loop().post([held] {});
    CHECK(held.use_count() == 2);
  }
  CHECK(held.use_count() == 1);
}

TEST_CASE("a stop from another thread ends a loop that sleeps") {
  net::Loop loop(base::system_clock());
  std::thread other([&] { loop.stop(); });
  loop.run();
  other.join();
}

TEST_CASE("a watched descriptor's events arrive until it is unwatched") {
  OwnedLoop owned;
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  Watcher watcher;
  REQUIRE(owned.loop().watch(ends[0], EPOLLIN | EPOLLET, watcher));
  CHECK_FALSE(owned.loop().watch(ends[0], EPOLLIN, watcher));  // twice
  owned.turn();
  CHECK(watcher.events == 0);
  REQUIRE(write(ends[1], "x", 1) == 1);
  owned.turn();
  CHECK(watcher.events == EPOLLIN);
  watcher.events = 0;
  owned.turn();  // edge-triggered: said once
  CHECK(watcher.events == 0);
  owned.loop().unwatch(ends[0]);
  REQUIRE(write(ends[1], "x", 1) == 1);
  owned.turn();
  CHECK(watcher.events == 0);
  close(ends[0]);
  close(ends[1]);
}

TEST_CASE(
    "within a turn the loop hears of what came since, and whom it wakes goes on in the next") {
  OwnedLoop owned;
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  Watcher watcher;
  REQUIRE(owned.loop().watch(ends[0], EPOLLIN | EPOLLET, watcher));
  owned.turn();
  REQUIRE(write(ends[1], "x", 1) == 1);
  CHECK(watcher.events == 0);
  owned.let_pass(2ms);
  const base::Instant began = owned.loop().now();
  CHECK(owned.loop().heard() == began);
  CHECK(owned.loop().hear());
  CHECK(watcher.events == EPOLLIN);
  CHECK(owned.loop().heard() == began + 2ms);
  CHECK(owned.loop().now() == began);
  close(ends[0]);
  close(ends[1]);
}

TEST_CASE("what was posted runs in the next turn where the loop heard of it within one") {
  OwnedLoop owned;
  bool ran = false;
  owned.loop().post([&] { ran = true; });
  CHECK(owned.loop().hear());
  CHECK_FALSE(ran);
  owned.turn();
  CHECK(ran);
}

TEST_CASE("a loop says that it may not have heard of everything") {
  constexpr std::size_t kMany = 300;
  OwnedLoop owned;
  Watcher watcher;
  std::vector<std::array<int, 2>> pipes(kMany);
  for (auto& ends : pipes) {
    REQUIRE(pipe(ends.data()) == 0);
    REQUIRE(owned.loop().watch(ends[0], EPOLLIN | EPOLLET, watcher));
    REQUIRE(write(ends[1], "x", 1) == 1);
  }
  CHECK_FALSE(owned.loop().hear());
  CHECK(owned.loop().hear());
  for (const auto& ends : pipes) {
    close(ends[0]);
    close(ends[1]);
  }
}

TEST_CASE("now is the time at which the turn began") {
  OwnedLoop owned;
  const base::Instant before = owned.loop().now();
  CHECK(before == owned.now());
  owned.advance(3s);
  CHECK(owned.loop().now() == before + 3s);
}

TEST_CASE("after a standstill deadlines wait for two seconds, and events do not") {
  OwnedLoop owned;
  owned.loop().forgive_standstills();
  Sleeper sleeper(owned.loop()), other(owned.loop());
  int ended = 0, woken = 0;
  Task<void> waits = sleep_on(sleeper, owned.now() + 3s, ended);
  Task<void> hears = sleep_on(other, base::kNever, woken);
  waits.start();
  hears.start();
  SUBCASE("of minutes") {
    owned.advance(10min);
    CHECK(ended == 0);
    other.wake();
    owned.turn();
    CHECK(woken == 1);
    owned.advance(2s - 1ns);
    CHECK(ended == 0);
    owned.advance(1ns);
    CHECK(ended == 1);
  }
  SUBCASE("but not where the machine was only busy") {
    owned.advance(900ms);
    owned.advance(1s);
    owned.advance(1s);
    CHECK(ended == 0);
    owned.advance(100ms);
    CHECK(ended == 1);
  }
}

TEST_CASE("a loop with a request under way looks before it sleeps, unless it may not") {
  const auto looks = [](bool may_spin, bool under_way) {
    test::OwnedClock clock;
    net::Loop loop(clock);
    loop.may_spin(may_spin);
    if (under_way) loop.begin_flight();
    clock.tick(1us);
    loop.stop();
    const base::Instant before = clock.now();
    loop.run();
    return (clock.now() - before) / 1us;
  };
  CHECK(looks(true, true) > looks(false, true));
  CHECK(looks(false, true) == looks(true, false));
}
