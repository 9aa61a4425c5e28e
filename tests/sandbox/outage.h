// A time during which the whole API is down, as in a deploy or a failover. The token endpoint
// stays.
#pragma once

#include <cstdint>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

#include "tests/sandbox/message.h"

namespace bearer::sandbox {

struct OutageOptions {
  Milliseconds begins{0};  ///< after the first request of the API
  Milliseconds lasts{0};   ///< 0: there is none
  bool resets = false;     ///< connections, instead of answering 503
};

/// Reads `20s+15s` (it begins 20 s after the first request and lasts 15 s) and `20s+15s,reset`.
/// Throws std::invalid_argument.
OutageOptions parse_outage(std::string_view text);

/// Any method from any thread. Times are handed in.
class Outage {
 public:
  explicit Outage(const OutageOptions& options) : options_(options) {}

  /// Returns what a request that comes now gets, if the API is down.
  std::optional<Answer> meet(WallTime now);

  /// A JSON object: `state` is `none`, `ahead`, `now` or `over`, `requests` is how many met it.
  nlohmann::ordered_json to_json(WallTime now) const;

 private:
  std::string_view state(WallTime now) const;  // REQUIRES: mutex_ is held

  const OutageOptions options_;
  mutable std::mutex mutex_;
  std::optional<WallTime> begins_;  // once a request has come
  std::uint64_t requests_ = 0;
};

}  // namespace bearer::sandbox
