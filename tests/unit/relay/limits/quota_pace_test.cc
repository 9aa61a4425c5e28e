#include "relay/limits/quota_pace.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "tests/unit/relay/greedy_clients.h"

using namespace bearer;
using namespace bearer::relay;
using namespace bearer::relay::test;
using namespace std::chrono;
using base::Instant;
using http::Quota;

namespace {

constexpr Instant kStart{hours(1000)};

/// Returns when each of the next `count` requests goes, as soon as it may, as offsets from kStart.
std::vector<milliseconds> departures(QuotaPace& pace, Instant now, int count) {
  std::vector<milliseconds> times;
  for (int i = 0; i < count; ++i) {
    now = std::max(now, pace.next(now));
    pace.sent(now);
    times.push_back(round<milliseconds>(now - kStart));
  }
  return times;
}

using Times = std::vector<milliseconds>;

/// After an answer to a request that went before anything was counted.
QuotaPace told(const Quota& quota) {
  QuotaPace pace;
  pace.learn({}, quota, kStart);
  return pace;
}

double use(const Scene& scene, const Tally& tally) {
  const double windows = duration<double>(scene.length) / duration<double>(scene.window);
  return static_cast<double>(tally.served) / (static_cast<double>(scene.limit) * windows);
}

}  // namespace

TEST_CASE("nobody waits while nothing is known of any quota") {
  QuotaPace pace;
  CHECK(departures(pace, kStart, 3) == Times{0ms, 0ms, 0ms});
  CHECK(pace.estimate(kStart, 1'000'000) <= kStart);
}

TEST_CASE(
    "a burst within a quota is never slowed, and who finds nothing left waits for the reset") {
  // A reset of 4 s may be one of 4.9 s: 5 s.
  QuotaPace pace = told({8, 8, 4s});
  CHECK(departures(pace, kStart, 9) == Times{0ms, 0ms, 0ms, 0ms, 0ms, 0ms, 0ms, 0ms, 5000ms});
}

TEST_CASE("the last tenth of a quota is spread where its reset is farther than anybody waits") {
  QuotaPace pace = told({30, 5, 399s});
  CHECK(departures(pace, kStart, 5) == Times{0ms, 0ms, 100'000ms, 100'000ms, 100'000ms});
  pace = told({30, 3, 399s});
  CHECK(pace.next(kStart) == kStart + 100s);
  CHECK(pace.next(kStart + 100s) == kStart + 100s);
}

TEST_CASE("slots that nobody took are not lost") {
  QuotaPace pace = told({100, 9, 999s});
  CHECK(departures(pace, kStart + 500s, 6) ==
        Times{500'000ms, 500'000ms, 500'000ms, 500'000ms, 500'000ms, 600'000ms});
}

TEST_CASE("a quota that is used up lets nobody go before its reset") {
  QuotaPace pace = told({100, 0, 7s});
  CHECK(pace.next(kStart) == kStart + 8s);
  CHECK(pace.next(kStart + 7s) == kStart + 8s);
}

TEST_CASE("after the reset one goes at once, the others at the mean rate until an answer tells") {
  QuotaPace pace = told({4, 0, 3s});
  CHECK(departures(pace, kStart, 3) == Times{4000ms, 5000ms, 6000ms});
  pace.learn({3, 2}, {4, 4, 3s}, kStart + 6s);
  CHECK(departures(pace, kStart + 6s, 1) == Times{6000ms});
}

TEST_CASE("a quota of which answers tell no more is forgotten after its reset, not before") {
  QuotaPace pace = told({4, 0, 3s});
  pace.learn_of_none({});
  CHECK(pace.next(kStart) == kStart + 4s);
  const SendStamp first = pace.sent(pace.next(kStart + 4s));
  pace.learn_of_none({});  // it went before the reset
  CHECK(pace.next(kStart + 4s) == kStart + 5s);
  pace.learn_of_none(first);
  CHECK(pace.next(kStart + 4s) == kStart + 4s);
  pace.learn(first, {4, 0, 3s}, kStart + 4s);
  CHECK(pace.next(kStart + 4s) == kStart + 8s);
}

TEST_CASE("after a long rest there is nothing to make up for") {
  QuotaPace pace = told({4, 0, 3s});
  CHECK(departures(pace, kStart + 1h, 2) == Times{3'600'000ms, 3'601'000ms});
}

TEST_CASE("what is under way is taken for not counted yet, until an answer proves more") {
  QuotaPace pace = told({100, 100, 50s});
  std::vector<SendStamp> gone;
  for (int i = 0; i < 40; ++i) gone.push_back(pace.sent(kStart));
  // The upstream counted the first one, and opened another window since: 39 may be uncounted.
  pace.learn(gone[0], {100, 99, 59s}, kStart + 1s);
  pace.completed(gone[0]);
  for (int i = 0; i < 60; ++i) {
    CHECK(pace.next(kStart + 1s) == kStart + 1s);  // 60 are left
    pace.sent(kStart + 1s);
  }
  CHECK(pace.next(kStart + 1s) == kStart + 61s);
  // The last of the 40 was the 40th: those 60 are the only ones after it.
  for (int i = 1; i < 40; ++i) {
    pace.learn(gone[static_cast<std::size_t>(i)], {100, static_cast<std::uint64_t>(99 - i), 59s},
               kStart + 1s);
    pace.completed(gone[static_cast<std::size_t>(i)]);
  }
  CHECK(pace.next(kStart + 1s) == kStart + 61s);
}

TEST_CASE("where others use the quota too, answers tell of it") {
  QuotaPace pace = told({100, 100, 50s});
  const SendStamp first = pace.sent(kStart);
  pace.learn(first, {100, 2, 50s}, kStart);
  pace.completed(first);
  CHECK(departures(pace, kStart, 3) == Times{0ms, 0ms, 51'000ms});
}

TEST_CASE("a late answer of the window before says nothing of the present one") {
  // Either the reset was waited for, or an answer told of the new window before.
  for (const milliseconds later : {11'000ms, 9500ms}) {
    CAPTURE(later.count());
    QuotaPace pace = told({100, 100, 9s});
    const SendStamp slow = pace.sent(kStart);
    const SendStamp fast = pace.sent(kStart + later);
    pace.learn(fast, {100, 99, 9s}, kStart + later);
    pace.learn(slow, {100, 0, 0s}, kStart + later);
    CHECK(pace.next(kStart + later) == kStart + later);
  }
}

TEST_CASE("what was held to be used and is not, is used") {
  QuotaPace pace = told({100, 10, 50s});
  const SendStamp gone = pace.sent(kStart);
  pace.learn(gone, {100, 20, 50s}, kStart);
  CHECK(departures(pace, kStart, 21).back() == 51s);
}

TEST_CASE("of several resets of one window the earliest counts, slow answers tell a late one") {
  QuotaPace pace = told({100, 0, 10s});
  pace.learn({}, {100, 0, 9s}, kStart);
  CHECK(pace.next(kStart) == kStart + 10s);
  pace.learn({}, {100, 0, 10s}, kStart);
  CHECK(pace.next(kStart) == kStart + 10s);
}

TEST_CASE("an estimate counts those who wait already, into the windows to come") {
  QuotaPace pace = told({10, 0, 3s});
  CHECK(pace.estimate(kStart, 0) == kStart + 4s);
  CHECK(pace.estimate(kStart, 9) == kStart + 4s);
  CHECK(pace.estimate(kStart, 10) == kStart + 8s);
  CHECK(pace.estimate(kStart, 1'000'000'000) > kStart + hours(24));
  CHECK(told({10, 10, 3s}).estimate(kStart, 20) == kStart);  // nobody waits yet
  QuotaPace spread = told({30, 3, 399s});
  CHECK(spread.estimate(kStart, 0) == kStart + 100s);
  CHECK(spread.estimate(kStart, 2) == kStart + 300s);
  CHECK(spread.estimate(kStart, 3) == kStart + 400s);
}

TEST_CASE("a quota that names no limit has the most that was seen") {
  QuotaPace pace = told({std::nullopt, 30, 399s});
  for (int i = 0; i < 27; ++i) pace.completed(pace.sent(kStart));
  pace.learn({27, 26}, {std::nullopt, 3, 399s}, kStart);
  CHECK(pace.next(kStart) == kStart + 100s);
}

TEST_CASE("20 greedy clients use 95 % of 300 a minute, without a 429, and all alike") {
  for (const bool aligned : {false, true}) {
    for (const Rounding rounding : {Rounding::down, Rounding::up, Rounding::exact}) {
      for (const milliseconds latency : {2ms, 50ms, 500ms}) {
        CAPTURE(aligned);
        CAPTURE(static_cast<int>(rounding));
        CAPTURE(latency.count());
        Scene scene{.aligned = aligned, .rounding = rounding};
        scene.latency_min = latency / 2;
        scene.latency_max = latency * 3 / 2;
        const Tally tally = GreedyClients(scene).play();
        CHECK(tally.refused == 0);
        CHECK(use(scene, tally) >= 0.95);
        const auto [least, most] = std::ranges::minmax(tally.by_client);
        CHECK(least * 10 >= most * 9);
      }
    }
  }
}

TEST_CASE("other quotas and other crowds are kept too") {
  const Scene scenes[] = {
      {.clients = 1},
      {.clients = 300},
      {.limit = 5000, .window = 1h, .length = 5h},
      {.clients = 200, .limit = 60'000},
      {.clients = 50, .limit = 100, .window = 15s},
      {.latency_min = 1s, .latency_max = 2s},
  };
  for (const Scene& scene : scenes) {
    CAPTURE(scene.clients);
    CAPTURE(scene.limit);
    const Tally tally = GreedyClients(scene).play();
    CHECK(tally.refused == 0);
    CHECK(use(scene, tally) >= 0.95);
  }
}

TEST_CASE("without pacing, the same clients are refused a thousand times") {
  CHECK(GreedyClients({.tells_quota = false}).play().refused > 1000);
}
