#include "app/machine_wait.h"

#include <doctest/doctest.h>

#include <chrono>
#include <thread>

using namespace bearer;
using namespace std::chrono_literals;

TEST_CASE("a wait ends at its instant") {
  const base::Clock& clock = base::system_clock();
  app::MachineWait waiting(clock);
  const base::Instant until = clock.now() + 20ms;
  waiting.wait_until(until);
  CHECK(clock.now() >= until);
  waiting.wait_until(clock.now() - 1h);  // over already
}

TEST_CASE("a wake that comes ahead of the wait is not lost, and ends one wait only") {
  const base::Clock& clock = base::system_clock();
  app::MachineWait waiting(clock);
  waiting.wake();
  const base::Instant far = clock.now() + 1h;
  waiting.wait_until(far);
  CHECK(clock.now() < far);
  const base::Instant near = clock.now() + 20ms;
  waiting.wait_until(near);
  CHECK(clock.now() >= near);
}

TEST_CASE("a wake ends a wait under way") {
  const base::Clock& clock = base::system_clock();
  app::MachineWait waiting(clock);
  std::thread waker([&] { waiting.wake(); });
  const base::Instant far = clock.now() + 1h;
  waiting.wait_until(far);
  CHECK(clock.now() < far);
  waker.join();
}
