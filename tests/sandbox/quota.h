// A limit on the requests that each token may make in a window of time, told in the answers'
// fields.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "tests/sandbox/message.h"

namespace bearer::sandbox {

/// In which fields it is told: inin-ratelimit-*, RateLimit with RateLimit-Policy, X-RateLimit-*.
enum class QuotaFields { inin, ietf, x, none };

struct QuotaOptions {
  std::uint64_t requests = 0;  ///< in a window; 0: no quota
  Milliseconds window{0};
  QuotaFields fields = QuotaFields::inin;
};

/// Any method from any thread. Times are handed in.
class Quota {
 public:
  explicit Quota(const QuotaOptions& options) : options_(options) {}

  struct Verdict {
    bool admitted;
    std::vector<Pair> fields;  ///< with a Retry-After if it is not
  };
  /// Counts a request of that token. Its window begins with the first request after the last window
  /// has ended.
  Verdict take(const std::string& token, WallTime now);

  /// A JSON object: `admitted`, `refused` and `windows`, each over all tokens.
  nlohmann::ordered_json to_json() const;

 private:
  struct Window {
    WallTime ends;
    std::uint64_t used = 0;
  };

  std::vector<Pair> fields(const Window& window, WallTime now) const;

  const QuotaOptions options_;
  mutable std::mutex mutex_;
  std::map<std::string, Window> windows_;
  std::uint64_t admitted_ = 0, refused_ = 0, begun_ = 0;
};

/// Reads `300/m`, `50/10s`. Throws std::invalid_argument.
QuotaOptions parse_quota(std::string_view text);

/// Reads `inin`, `ietf`, `x`, `none`. Throws std::invalid_argument.
QuotaFields parse_quota_fields(std::string_view text);

/// Returns the answer to a request beyond its quota.
Answer over_quota();

}  // namespace bearer::sandbox
