// The counts of one event loop for one route. That loop alone writes them, without a lock, and any
// thread reads them.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "base/count.h"
#include "base/latency.h"
#include "base/published.h"
#include "http/message.h"
#include "relay/limits/not_replayable.h"
#include "relay/telemetry/cause.h"
#include "relay/telemetry/code_table.h"
#include "relay/telemetry/cut_reason.h"
#include "relay/telemetry/observer.h"
#include "relay/telemetry/wait_meter.h"
#include "relay/telemetry/wait_times.h"

namespace bearer::relay {

/// The upstream's certificate at the last handshake.
struct Certificate {
  base::Instant seen{};   ///< when the handshake was
  base::WallTime ends{};  ///< the last moment at which it is valid; the epoch: there was none
};

/// The counts of one method by code; see code_table.h. It takes half a KiB once one is not 0.
class CodeTotals {
 public:
  CodeTotals() = default;
  explicit CodeTotals(std::vector<std::uint64_t> counts) : counts_(std::move(counts)) {}

  std::uint64_t operator[](std::size_t place) const { return counts_.empty() ? 0 : counts_[place]; }
  std::uint64_t& operator[](std::size_t place) {
    if (counts_.empty()) counts_.resize(kCodePlaces);
    return counts_[place];
  }
  bool empty() const { return counts_.empty(); }  ///< true: all are 0
  CodeTotals& operator+=(const CodeTotals& other);

 private:
  std::vector<std::uint64_t> counts_;  // kCodePlaces, or none
};

/// The counts up to some moment. A value.
struct RouteTotals {
  std::array<CodeTotals, http::kMethodNames.size()> requests{};
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

/// Counts how the requests of one method ended. It takes half a KiB from the first request on: most
/// routes see a few methods, and there may be a thousand routes.
class CodeCounts {
 public:
  CodeCounts() = default;
  CodeCounts(const CodeCounts&) = delete;
  CodeCounts& operator=(const CodeCounts&) = delete;
  ~CodeCounts() { delete counts_.load(std::memory_order_relaxed); }

  /// Called by the thread that writes.
  void add(std::size_t place) {
    Counts* counts = counts_.load(std::memory_order_relaxed);
    if (!counts) counts_.store(counts = new Counts, std::memory_order_release);
    (*counts)[place].add();
  }
  CodeTotals read() const;
  bool empty() const { return !counts_.load(std::memory_order_relaxed); }

 private:
  using Counts = std::array<base::Count, kCodePlaces>;
  std::atomic<Counts*> counts_ = nullptr;  ///< owned
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

  std::array<CodeCounts, http::kMethodNames.size()> requests_;
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
