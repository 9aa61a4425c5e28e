#include "relay/telemetry/wait_meter.h"

#include <doctest/doctest.h>

#include <chrono>

using namespace bearer;
using namespace std::chrono_literals;
using relay::WaitMeter;

namespace {

constexpr base::Instant kStart{1000h};

}  // namespace

TEST_CASE("a wait is counted while it passes, and by as much at its end") {
  WaitMeter meter;
  CHECK(meter.read(kStart).waiting == 0);
  meter.begin(kStart);
  CHECK(meter.read(kStart + 4s).waiting == 1);
  CHECK(meter.read(kStart + 4s).waited == 4s);
  CHECK(meter.read(kStart + 9s).waited == 9s);
  meter.end(kStart + 9s);
  CHECK(meter.read(kStart + 60s).waiting == 0);
  CHECK(meter.read(kStart + 60s).waited == 9s);
}

TEST_CASE("waits that overlap are added up") {
  WaitMeter meter;
  meter.begin(kStart);
  meter.begin(kStart + 2s);
  meter.begin(kStart + 3s);
  CHECK(meter.read(kStart + 5s).waited == 5s + 3s + 2s);
  meter.end(kStart + 5s);
  CHECK(meter.read(kStart + 6s).waiting == 2);
  CHECK(meter.read(kStart + 6s).waited == 12s);
}

TEST_CASE("what is read never shrinks, though a loop's time may lag behind its reader's") {
  WaitMeter meter;
  meter.begin(kStart);
  CHECK(meter.read(kStart + 2s).waited == 2s);
  meter.end(kStart + 1999ms);
  CHECK(meter.read(kStart + 3s).waited == 2s);
  meter.begin(kStart + 4s);
  CHECK(meter.read(kStart + 3s).waited == 2s);  // of a clock that was read before
  CHECK(meter.read(kStart + 5s).waited == 2999ms);
}
