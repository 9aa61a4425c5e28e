// Samples of the last ten minutes, one for each interval, for plots. The proxy keeps them, so that
// a page that was just opened has them too.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/latency.h"

namespace bearer::admin {

/// Clients' requests by how they ended: by the answer's class, or because the client left. `other`
/// are the statuses from 600 on, which have no class.
inline constexpr std::array<std::string_view, 7> kOutcomeNames{"1xx", "2xx",  "3xx",  "4xx",
                                                               "5xx", "left", "other"};
using Outcomes = std::array<std::uint64_t, kOutcomeNames.size()>;

/// One thread.
class History {
 public:
  static constexpr base::Duration kInterval = std::chrono::seconds(2);
  static constexpr std::size_t kSamplesMax = 300;  ///< ten minutes

  struct RouteCounts {
    Outcomes requests{};
    std::uint64_t retries = 0;
    std::uint64_t replays = 0;                          ///< after a 401
    std::map<std::string, base::Duration> waited = {};  ///< by the reason
    base::Latencies latencies = {};                     ///< of responses that were relayed
  };
  /// The counts since the start, at one moment. Those that are 0 may be left out.
  struct Counts {
    base::WallTime now{};
    base::Duration uptime{};
    std::uint64_t clients = 0, in_flight = 0;  ///< now
    std::map<std::string, RouteCounts> routes = {};
    std::map<std::string, std::uint64_t> fetched = {};  ///< token requests, by credential
  };
  /// Adds what happened since the last call. The first call only notes where counting begins. Call
  /// it about each kInterval: a sample says how long it is.
  void add(Counts counts);

  /// The reply to GET /status/history, the oldest sample first. Counts are those of the interval,
  /// of all routes together. Waits are counted while they go on. p50 and p99 are those of the
  /// responses that were relayed in the interval, null if there were none. in_flight and clients
  /// are those at the interval's end.
  ///
  ///   {"interval_s": 2.0,
  ///    "columns": ["end_ms", "length_s", "1xx", "2xx", "3xx", "4xx", "5xx", "left", "other",
  ///                "retries", "replays", "waited_s", "fetched", "p50_s", "p99_s", "in_flight",
  ///                "clients", "waited_by_s"],
  ///    "rows": [[1790000000000, 2.0, 0, 120, 0, 0, 0, 0, 0, 1, 0, 1.2, 0, 0.003, 0.4, 2, 5,
  ///              {"backoff": 1.2}]]}
  std::string json() const;

 private:
  struct Sample {
    base::WallTime end;
    base::Duration length{};
    Outcomes requests{};
    std::uint64_t retries = 0, replays = 0, fetched = 0;
    std::map<std::string, base::Duration> waited = {};  ///< by the reason
    std::optional<base::Duration> p50 = {}, p99 = {};
    std::uint64_t in_flight = 0, clients = 0;
  };
  static void add_growth(const RouteCounts& before, const RouteCounts& now, Sample& sample);
  static Sample sample_of(const Counts& before, const Counts& now);

  std::optional<Counts> last_;
  std::deque<Sample> samples_;
};

}  // namespace bearer::admin
