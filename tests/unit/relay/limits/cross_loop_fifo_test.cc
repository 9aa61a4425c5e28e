#include "relay/limits/cross_loop_fifo.h"

#include <doctest/doctest.h>

#include <list>
#include <mutex>
#include <optional>

#include "tests/support/owned_loop.h"

using namespace bearer;
using relay::CrossLoopFifo;
using test::OwnedLoop;

namespace {

/// Stands in the queue and counts how often it is called.
class Guest {
 public:
  Guest(std::mutex& mutex, CrossLoopFifo& queue, OwnedLoop& owned) : sleeper_(owned.loop()) {
    {
      const std::lock_guard lock(mutex);
      place.emplace(queue, sleeper_);
    }
    task_ = count();
    task_.start();
  }

  int calls = 0;
  std::optional<CrossLoopFifo::Place> place;

 private:
  net::Task<void> count() {
    for (;;) {
      co_await sleeper_.sleep(base::kNever);
      ++calls;
    }
  }

  net::Sleeper sleeper_;
  net::Task<void> task_;
};

struct Fixture {
  Guest& join(OwnedLoop& owned) { return guests.emplace_back(mutex, queue, owned); }
  void call_first() {
    const std::lock_guard lock(mutex);
    queue.call_first();
  }

  OwnedLoop here, there;
  std::mutex mutex;
  CrossLoopFifo queue{mutex};
  std::list<Guest> guests;
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "the first is called, on its own loop") {
  Guest& first = join(there);
  Guest& second = join(here);
  CHECK(first.place->first());
  CHECK_FALSE(second.place->first());
  CHECK(queue.size() == 2);
  call_first();
  here.turn();
  CHECK(first.calls == 0);
  there.turn();
  CHECK(first.calls == 1);
  CHECK(second.calls == 0);
}

TEST_CASE_FIXTURE(Fixture, "whoever stood behind the first is called when that one leaves") {
  Guest& first = join(here);
  Guest& second = join(there);
  Guest& third = join(here);
  second.place.reset();  // not the first: nobody need know
  here.turn();
  CHECK(first.calls + third.calls == 0);
  first.place.reset();
  here.turn();
  CHECK(third.calls == 1);
  CHECK(third.place->first());
}

TEST_CASE_FIXTURE(Fixture, "who steps out calls nobody") {
  Guest& first = join(here);
  Guest& second = join(here);
  {
    const std::lock_guard lock(mutex);
    first.place->step_out();
  }
  first.place.reset();
  here.turn();
  CHECK(second.calls == 0);
  CHECK(second.place->first());
}

TEST_CASE_FIXTURE(Fixture, "a call that comes after its guest has left finds nobody") {
  Guest& first = join(here);
  call_first();
  first.place.reset();
  CHECK(queue.empty());
  here.turn();
  CHECK(first.calls == 0);
  call_first();  // nobody queues: nobody is called
}
