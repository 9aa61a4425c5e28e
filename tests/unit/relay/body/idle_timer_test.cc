#include "relay/body/idle_timer.h"

#include <doctest/doctest.h>

using namespace bearer;
using namespace std::chrono_literals;
using relay::IdleTimer;

TEST_CASE("silence begins anew with each byte that moves") {
  constexpr base::Instant kBegan{std::chrono::hours(1)};
  IdleTimer silence{kBegan, 7};
  silence.note(7, kBegan + 1s);
  CHECK(silence.deadline(10s) == kBegan + 10s);
  silence.note(8, kBegan + 2s);
  CHECK(silence.deadline(10s) == kBegan + 12s);
  silence.note(8, kBegan + 3s);
  CHECK(silence.deadline(10s) == kBegan + 12s);
}

TEST_CASE("without a timeout silence may last for ever") {
  CHECK(IdleTimer{base::Instant{}}.deadline({}) == base::kNever);
}
