// The counts of one event loop for one route. That loop alone writes them, without a lock, and any
// thread reads them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/count.h"
#include "base/latency.h"
#include "base/published.h"
#include "relay/limits/not_replayable.h"
#include "relay/telemetry/cause.h"
#include "relay/telemetry/cut_reason.h"
#include "relay/telemetry/observer.h"
#include "relay/telemetry/request_counts.h"
#include "relay/telemetry/wait_meter.h"
#include "relay/telemetry/wait_times.h"

namespace bearer::relay {

/// The upstream's certificate at the last handshake.
struct Certificate {
  base::Instant seen{};   ///< when the handshake was
  base::WallTime ends{};  ///< the last moment at which it is valid; the epoch: there was none
};

/// The counts up to some moment. A value.
struct RouteTotals {
  RequestTotals requests;
  std::array<std::uint64_t, kHttpVersions.size()> by_version{};          ///< of the clients
  std::array<std::uint64_t, kHttpVersions.size()> answers_by_version{};  ///< of the upstream
  base::Latencies latencies;
  base::Latencies unrelayed;  ///< those of replies of our own, and of clients that left
  std::array<std::uint64_t, kCauseNames.size()> attempts{};
  WaitTimes waited;                                        ///< waits that go on included
  std::array<std::uint64_t, kWaitNames.size()> waiting{};  ///< now
  Certificate certificate;
  std::array<std::uint64_t, kUnkeptNames.size()> bodies_unkept{};
  std::uint64_t request_bytes = 0, response_bytes = 0;      ///< of bodies and tunnels
  std::array<std::uint64_t, kCutNames.size()> cut_short{};  ///< answers that are not whole
  std::uint64_t resumed = 0;  ///< downloads that broke off and went on
  std::uint64_t in_flight = 0, upstream_active = 0, upstream_idle = 0;

  RouteTotals& operator+=(const RouteTotals& other);
};

/// The loops' counters lie in cache lines of their own, so that no loop slows another.
class alignas(64) RouteCounters {
 public:
  void attempt_ended(const AttemptEnd& end);
  void exchange_ended(const ExchangeEnd& end);
  /// The upstream answered in this version; HTTP/1.0 is not told apart from 1.1.
  void answered(HttpVersion version) { answers_[static_cast<std::size_t>(version)].add(); }
  void wait_began(WaitFor reason, base::Instant now) { waits_[index(reason)].begin(now); }
  void wait_ended(WaitFor reason, base::Instant now) { waits_[index(reason)].end(now); }
  void certificate_shown(const Certificate& certificate) { certificate_.set(certificate); }
  void body_not_kept(NotReplayable why) { bodies_unkept_[static_cast<std::size_t>(why)].add(); }

  /// True once a request came. Any thread.
  bool used() const;
  /// Waits that go on are counted until `now`.
  RouteTotals read(base::Instant now) const;

  base::Count in_flight;  ///< requests
  base::Count upstream_active, upstream_idle;

 private:
  static constexpr std::size_t index(WaitFor reason) { return static_cast<std::size_t>(reason); }

  RequestCounts requests_;
  std::array<base::Count, kHttpVersions.size()> by_version_, answers_;
  base::LatencyRecorder latencies_, unrelayed_;
  std::array<base::Count, kCauseNames.size()> attempts_;
  std::array<WaitMeter, kWaitNames.size()> waits_;
  base::Published<Certificate> certificate_;
  std::array<base::Count, kUnkeptNames.size()> bodies_unkept_;
  std::array<base::Count, kCutNames.size()> cut_short_;
  base::Count request_bytes_, response_bytes_, resumed_;
};

}  // namespace bearer::relay
