#include "relay/limits/kind_pause.h"

#include <doctest/doctest.h>

#include <chrono>

using namespace bearer;
using namespace std::chrono_literals;

namespace {
constexpr base::Instant kNow{1000h};
constexpr relay::RequestKind kUsers = 1, kOrders = 2, kGroups = 3;
}  // namespace

TEST_CASE("one kind pauses, the others do not") {
  relay::KindPause pause;
  CHECK_FALSE(pause.any(kNow));
  CHECK(pause.begin(kUsers, kNow, 40min));
  CHECK(pause.any(kNow + 40min - 1ns));
  CHECK(pause.holds(kUsers));
  CHECK_FALSE(pause.holds(kOrders));
  CHECK_FALSE(pause.any(kNow + 40min));
}

TEST_CASE("a kind that is served is over its pause") {
  relay::KindPause pause;
  pause.begin(kUsers, kNow, 40min);
  pause.served(kUsers);
  CHECK_FALSE(pause.any(kNow));
}

TEST_CASE("two kinds that are refused, and none served, are the whole route") {
  relay::KindPause pause;
  CHECK(pause.begin(kUsers, kNow, 40min));
  CHECK(pause.begin(kUsers, kNow + 1s, 40min));
  CHECK_FALSE(pause.begin(kOrders, kNow + 2s, 40min));
  SUBCASE("unless the first one's is over") {
    CHECK(pause.begin(kOrders, kNow + 41min, 10min));
    CHECK(pause.holds(kOrders));
  }
}

TEST_CASE("where another kind was served, the latest that is refused pauses, if for less") {
  relay::KindPause pause;
  pause.begin(kUsers, kNow, 40min);
  pause.served(kGroups);
  CHECK(pause.begin(kOrders, kNow, 10min));
  CHECK(pause.holds(kOrders));
  CHECK(pause.pause().ends() == kNow + 10min);
  // It is forgotten with the pause.
  CHECK(pause.begin(kUsers, kNow + 1h, 40min));
  CHECK_FALSE(pause.begin(kOrders, kNow + 1h, 40min));
}
