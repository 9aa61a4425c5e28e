#include "relay/limits/pause.h"

#include <doctest/doctest.h>

#include <chrono>
#include <thread>
#include <vector>

using namespace bearer;
using namespace std::chrono_literals;
using relay::Pause;

namespace {

constexpr base::Instant kNow{std::chrono::hours(1000)};

}  // namespace

TEST_CASE("where nobody was told to wait there is no pause") {
  const Pause pause;
  CHECK(pause.ends() <= kNow);
  CHECK(pause.release(0.9) <= kNow);
}

TEST_CASE("those who wait go after the pause, spread over half of its length") {
  Pause pause;
  pause.begin(kNow, 10s);
  CHECK(pause.ends() == kNow + 10s);
  CHECK(pause.release(0) == kNow + 10s);
  CHECK(pause.release(0.5) == kNow + 12500ms);
  CHECK(pause.release(0.999) < kNow + 15s);
}

TEST_CASE("a pause is lengthened, never shortened") {
  Pause pause;
  pause.begin(kNow, 10s);
  pause.begin(kNow + 1s, 2s);
  CHECK(pause.ends() == kNow + 10s);
  CHECK(pause.release(0.5) == kNow + 12500ms);
  pause.begin(kNow + 5s, 20s);
  CHECK(pause.ends() == kNow + 25s);
  CHECK(pause.release(0.5) == kNow + 30s);
}

TEST_CASE("an absurd wait does not overflow") {
  Pause pause;
  pause.begin(kNow, base::Duration::max());
  CHECK(pause.ends() == base::kNever);
  CHECK(pause.release(0) == base::kNever);
  CHECK(pause.release(0.9) >= kNow);
}

TEST_CASE("of pauses that begin at once the longest holds") {
  Pause pause;
  std::vector<std::thread> threads;
  for (int i = 1; i <= 8; ++i) {
    threads.emplace_back([&pause, i] {
      for (int step = 0; step < 1000; ++step)
        pause.begin(kNow, std::chrono::milliseconds(i * step));
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(pause.ends() == kNow + 8 * 999ms);
}

TEST_CASE("a long pause is tried at half of its rest, not at once, and every 30 s at most") {
  Pause pause;
  pause.begin(kNow, 600s);
  CHECK_FALSE(pause.may_try(kNow + 30s - 1ns));
  CHECK(pause.may_try(kNow + 30s));
  CHECK_FALSE(pause.may_try(kNow + 30s));  // one request, not each
  CHECK_FALSE(pause.may_try(kNow + 60s - 1ns));
  CHECK(pause.may_try(kNow + 60s));
  Pause shorter;
  shorter.begin(kNow, 40s);
  CHECK(shorter.may_try(kNow + 20s));
  CHECK(shorter.may_try(kNow + 30s));
  Pause shortest;
  shortest.begin(kNow, 4s);
  CHECK_FALSE(shortest.may_try(kNow + 5s - 1ns));
}

TEST_CASE("a pause that was over is ended, but not one that has begun since") {
  Pause pause;
  pause.begin(kNow, 600s);
  pause.end(kNow + 600s);
  CHECK(pause.ends() <= kNow);
  pause.begin(kNow, 600s);
  pause.begin(kNow + 30s, 600s);
  pause.end(kNow + 600s);
  CHECK(pause.ends() == kNow + 630s);
}
