// What one event loop counts of one route: written by that loop alone, without a lock, and read by
// whoever asks.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/count.h"
#include "base/latency.h"
#include "http/message.h"
#include "relay/not_replayable.h"
#include "relay/telemetry/cause.h"
#include "relay/telemetry/code_table.h"
#include "relay/telemetry/observer.h"
#include "relay/telemetry/wait_times.h"

namespace bearer::relay {

/// What was counted up to some moment. A value.
struct RouteTotals {
  std::array<std::array<std::uint64_t, kCodePlaces>, http::kMethodNames.size()> requests{};
  base::Latencies latencies;
  std::array<std::uint64_t, kCauseNames.size()> attempts{};
  WaitTimes waited;
  std::array<std::uint64_t, kUnkeptNames.size()> bodies_unkept{};
  std::uint64_t request_bytes = 0, response_bytes = 0;  ///< of bodies and tunnels
  std::uint64_t cut_short = 0;                          ///< answers that are not whole
  std::uint64_t resumed = 0;                            ///< downloads that broke off and went on
  std::uint64_t in_flight = 0, upstream_active = 0, upstream_idle = 0;

  RouteTotals& operator+=(const RouteTotals& other);
};

/// The loops' counters lie in cache lines of their own, so that no loop slows another.
class alignas(64) RouteCounters {
 public:
  void attempt_ended(const AttemptEnd& end);
  void exchange_ended(const ExchangeEnd& end);
  void body_not_kept(NotReplayable why) { bodies_unkept_[static_cast<std::size_t>(why)].add(); }

  RouteTotals read() const;

  base::Count in_flight;  ///< requests
  base::Count upstream_active, upstream_idle;

 private:
  std::array<std::array<base::Count, kCodePlaces>, http::kMethodNames.size()> requests_;
  base::LatencyRecorder latencies_;
  std::array<base::Count, kCauseNames.size()> attempts_;
  std::array<base::Count, kWaitNames.size()> waited_ns_;
  std::array<base::Count, kUnkeptNames.size()> bodies_unkept_;
  base::Count request_bytes_, response_bytes_, cut_short_, resumed_;
};

}  // namespace bearer::relay
