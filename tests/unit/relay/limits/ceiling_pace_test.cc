#include "relay/limits/ceiling_pace.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <vector>

#include "tests/unit/relay/greedy_clients.h"

using namespace bearer;
using namespace bearer::relay;
using namespace bearer::relay::test;
using namespace std::chrono;
using base::Instant;

namespace {

constexpr Instant kStart{hours(1000)};

}  // namespace

TEST_CASE("without a ceiling nobody waits") {
  CeilingPace pace(Rate{});
  for (int i = 0; i < 3; ++i) pace.sent(kStart);
  CHECK(pace.next() <= kStart);
  CHECK(pace.estimate(1'000'000) <= kStart);
}

TEST_CASE("a ceiling spaces evenly, and no period sees more than its number") {
  CeilingPace pace(Rate{10, 1s});
  Instant now = kStart;
  std::vector<Instant> gone;
  for (int i = 0; i < 1000; ++i) {
    now = std::max<Instant>(now, ceil<milliseconds>(pace.next()) + milliseconds(i % 7));
    pace.sent(now);
    gone.push_back(now);
  }
  for (std::size_t i = 10; i < gone.size(); ++i) CHECK(gone[i] - gone[i - 10] >= 1s);
}

TEST_CASE("a ceiling that is far too low for its clients lets time run out, not over") {
  CeilingPace pace(Rate{1, 24h});
  for (int i = 0; i < 200'000; ++i) pace.sent(kStart);  // each past its request's window
  CHECK(pace.next() == base::kNever);
}

TEST_CASE("a ceiling above a request a tick is kept by timers that tick") {
  CeilingPace pace(Rate{5000, 1s});
  int gone = 0;
  for (Instant now = kStart; now < kStart + 1s; now += 1ms) {
    for (; pace.next() <= now; ++gone) pace.sent(now);
  }
  CHECK(gone <= 5000 + 10);
  CHECK(gone >= 4950);
}

TEST_CASE("a ceiling keeps a quota of which no answer tells") {
  Scene scene{.tells_quota = false, .ceiling = {300, 60s}};
  scene.latency_min = scene.latency_max;  // what departs evenly arrives evenly
  const Tally tally = GreedyClients(scene).play();
  CHECK(tally.refused == 0);
  CHECK(tally.served >= 300 * 10 * 95 / 100);
}
