#include "relay/limits/in_flight.h"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/support/owned_loop.h"
#include "tests/support/scripted_stream.h"

using namespace bearer;
using namespace std::chrono_literals;
using net::Wake;
using relay::InFlight;
using test::OwnedLoop;

namespace {

/// Somebody who wants a permit, until destroyed.
class Guest {
 public:
  Guest(InFlight& in_flight, OwnedLoop& owned, base::Instant deadline = base::kNever,
        net::Stream* cancel_on = nullptr)
      : sleeper_(owned.loop()) {
    if (cancel_on) cancel_on->set_waiter(&sleeper_);
    task_ = enter(in_flight, {sleeper_, deadline, cancel_on});
    task_.start();
  }

  bool inside() const { return woke == Wake::ready; }
  void leave() { permit_ = InFlight::Permit(); }

  std::optional<Wake> woke;

 private:
  net::Task<void> enter(InFlight& in_flight, net::Wait wait) {
    woke = co_await in_flight.enter(wait, permit_);
  }

  net::Sleeper sleeper_;
  InFlight::Permit permit_;
  net::Task<void> task_;
};

}  // namespace

TEST_CASE("without a limit nothing is counted") {
  CHECK_FALSE(InFlight(0).limited());
  CHECK(InFlight(1).limited());
}

TEST_CASE("as many as the limit says are in flight, the rest queue in order of arrival") {
  OwnedLoop owned;
  InFlight in_flight(2);
  Guest a(in_flight, owned), b(in_flight, owned), c(in_flight, owned), d(in_flight, owned);
  CHECK(a.inside());  // at once
  CHECK(b.inside());
  owned.turn();
  CHECK_FALSE(c.inside());
  b.leave();
  Guest late(in_flight, owned);  // does not overtake
  CHECK_FALSE(late.inside());
  owned.turn();
  CHECK(c.inside());
  CHECK_FALSE(d.inside());
  a.leave();
  owned.turn();
  CHECK(d.inside());
  CHECK_FALSE(late.inside());
  c.leave();
  owned.turn();
  CHECK(late.inside());
}

TEST_CASE("a permit that nobody waits for is free again") {
  OwnedLoop owned;
  InFlight in_flight(1);
  for (int i = 0; i < 3; ++i) {
    const Guest guest(in_flight, owned);
    CHECK(guest.inside());
  }
}

TEST_CASE("who leaves the queue is passed over") {
  OwnedLoop owned;
  InFlight in_flight(1);
  Guest inside(in_flight, owned);
  std::optional<Guest> leaves(std::in_place, in_flight, owned);
  Guest next(in_flight, owned);
  leaves.reset();
  inside.leave();
  owned.turn();
  CHECK(next.inside());
}

TEST_CASE("a grant to one who leaves before he hears of it is passed on") {
  OwnedLoop owned;
  InFlight in_flight(1);
  Guest inside(in_flight, owned);
  std::optional<Guest> leaves(std::in_place, in_flight, owned);
  Guest next(in_flight, owned);
  inside.leave();  // granted to him
  leaves.reset();
  owned.turn();
  owned.turn();
  CHECK(next.inside());
  // And if nobody is left, the permit is free.
  std::optional<Guest> last(std::in_place, in_flight, owned);
  next.leave();
  last.reset();
  owned.turn();
  CHECK(Guest(in_flight, owned).inside());
}

TEST_CASE("a wait in the queue ends in time, and when its client leaves") {
  OwnedLoop owned;
  InFlight in_flight(1);
  Guest inside(in_flight, owned);
  test::ScriptedStream client;
  Guest late(in_flight, owned, owned.now() + 5s);
  Guest left(in_flight, owned, base::kNever, &client);
  owned.advance(5s - 1ns);
  CHECK_FALSE(late.woke.has_value());
  owned.advance(1ns);
  CHECK(late.woke == Wake::timed_out);
  client.then(test::ScriptedStream::Status::ended);
  owned.turn();
  CHECK(left.woke == Wake::peer_closed);
  inside.leave();  // nobody queues any more
  CHECK(Guest(in_flight, owned).inside());
}

TEST_CASE("a grant in the turn in which the time runs out is taken") {
  OwnedLoop owned;
  InFlight in_flight(1);
  Guest inside(in_flight, owned);
  Guest guest(in_flight, owned, owned.now() + 5s);
  inside.leave();
  owned.advance(5s);
  CHECK(guest.inside());
}

TEST_CASE("a slot that is moved is given back once") {
  OwnedLoop owned;
  InFlight in_flight(1);
  Guest first(in_flight, owned);
  CHECK(first.inside());
  {
    InFlight::Permit empty;
    InFlight::Permit other(std::move(empty));
    other = InFlight::Permit();
  }
  CHECK_FALSE(Guest(in_flight, owned).inside());
}

TEST_CASE("loops share the permits: never more than the limit, and everybody's turn comes") {
  constexpr int kMost = 2, kGuests = 8, kVisits = 300;
  InFlight in_flight(kMost);
  std::atomic<int> inside = 0, most_seen = 0, visits = 0;
  struct Visitor {
    static net::Task<void> run(InFlight& shared, net::Loop& loop, int& running,
                               std::atomic<int>& now, std::atomic<int>& most,
                               std::atomic<int>& count) {
      net::Sleeper sleeper(loop);
      for (int visit = 0; visit < kVisits; ++visit) {
        InFlight::Permit permit;
        co_await shared.enter({sleeper, base::kNever, nullptr}, permit);
        const int seen = ++now;
        for (int before = most; before < seen && !most.compare_exchange_weak(before, seen);) {
        }
        sleeper.wake();  // the others of this turn go first, with the permit taken
        co_await sleeper.sleep(base::kNever);
        --now;
        ++count;
      }
      if (--running == 0) loop.stop();
    }
  };
  const auto serve = [&] {
    net::Loop loop(base::system_clock());
    int running = kGuests;
    std::list<net::Task<void>> guests;
    for (int i = 0; i < kGuests; ++i) {
      guests.push_back(Visitor::run(in_flight, loop, running, inside, most_seen, visits));
      guests.back().start();
    }
    loop.run();
  };
  std::thread other(serve);
  serve();
  other.join();
  CHECK(most_seen <= kMost);
  CHECK(visits == 2 * kGuests * kVisits);
}

namespace {

/// Enters and leaves, `rounds` times.
net::Task<void> visit(InFlight& in_flight, net::Sleeper& sleeper, int rounds,
                      std::atomic<int>& inside, std::atomic<int>& most) {
  for (int i = 0; i < rounds; ++i) {
    InFlight::Permit permit;
    const Wake woke = co_await in_flight.enter({sleeper, base::kNever}, permit);
    CHECK(woke == Wake::ready);
    const int now = ++inside;
    for (int seen = most; seen < now && !most.compare_exchange_weak(seen, now);) {
    }
    --inside;
  }
}

net::Task<void> visit_and_stop(InFlight& in_flight, net::Sleeper& sleeper, int rounds,
                               std::atomic<int>& inside, std::atomic<int>& most) {
  co_await visit(in_flight, sleeper, rounds, inside, most);
  sleeper.loop().stop();
}

}  // namespace

TEST_CASE("loops that share a limit pass its permits on without losing one") {
  constexpr int kLoops = 4;
  constexpr int kRounds = 5000;
  InFlight in_flight(1);
  std::atomic<int> inside = 0, most = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < kLoops; ++i) {
    threads.emplace_back([&] {
      net::Loop loop(base::system_clock());
      net::Sleeper sleeper(loop);
      net::Task<void> task = visit_and_stop(in_flight, sleeper, kRounds, inside, most);
      task.start();
      loop.run();
      CHECK(task.done());
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(most == 1);
}
