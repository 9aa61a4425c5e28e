#include "base/latency.h"

#include <doctest/doctest.h>

#include <cmath>

using namespace bearer;
using namespace std::chrono_literals;

TEST_CASE("what was recorded is counted between the bounds that hold it, these inclusive") {
  base::LatencyRecorder recorder;
  recorder.record(0ns);
  recorder.record(100us);
  recorder.record(100us + 1ns);
  recorder.record(300s);
  recorder.record(1h);
  const base::Latencies read = recorder.read();
  CHECK(read.counts[0] == 2);
  CHECK(read.counts[1] == 1);
  CHECK(read.counts[base::kLatencyBounds.size() - 1] == 1);
  CHECK(read.counts.back() == 1);
  CHECK(read.count() == 5);
  CHECK(read.sum == 1h + 300s + 200us + 1ns);
}

TEST_CASE("bounds are 1, 1.5, 2, 3, 5 and 7 of each decade from 100 us to 300 s") {
  CHECK(base::kLatencyBounds.front() == 100us);
  CHECK(base::kLatencyBounds[1] == 150us);
  CHECK(base::kLatencyBounds[6] == 1ms);
  CHECK(base::kLatencyBounds[24] == 1s);
  CHECK(base::kLatencyBounds.back() == 300s);
}

TEST_CASE("a quantile is between the bounds of those that it is about") {
  base::LatencyRecorder recorder;
  CHECK(recorder.read().quantile(0.5) == 0ns);
  for (int i = 0; i < 98; ++i) recorder.record(4ms);
  for (int i = 0; i < 2; ++i) recorder.record(40s);
  const base::Latencies read = recorder.read();
  CHECK(read.quantile(0.5) > 3ms);
  CHECK(read.quantile(0.5) <= 5ms);
  CHECK(read.quantile(0.99) > 30s);
  CHECK(read.quantile(0.99) <= 50s);
  CHECK(read.quantile(0) == 3ms);
  CHECK(read.quantile(1) == 50s);
  recorder.record(10h);
  CHECK(recorder.read().quantile(1) == 300s);  // nothing more is known
}

TEST_CASE("what came since is what both do not have, and sums add up") {
  base::LatencyRecorder recorder;
  recorder.record(1ms);
  const base::Latencies before = recorder.read();
  recorder.record(2s);
  const base::Latencies since = recorder.read().since(before);
  CHECK(since.count() == 1);
  CHECK(since.sum == 2s);
  base::Latencies sum = before;
  sum += since;
  CHECK(sum.counts == recorder.read().counts);
  CHECK(sum.sum == 2001ms);
}
