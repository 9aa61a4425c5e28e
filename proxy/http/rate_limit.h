// The RateLimit and RateLimit-Policy fields (draft-ietf-httpapi-ratelimit-headers):
// `"burst";r=0;t=3` beside `"burst";q=10;w=5`, and `limit=100, remaining=50, reset=30` of older
// drafts.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "http/fields.h"

namespace bearer::http {

/// One of the policies that a response is under. Counts are of requests, unless it says otherwise.
struct RateLimitPolicy {
  std::string_view name;  ///< as it came, perhaps quoted; empty in the older form
  bool counts_requests = true;
  std::optional<std::uint64_t> limit, remaining;
  std::optional<std::int64_t> reset;   ///< as time_ahead() takes it
  std::optional<std::int64_t> window;  ///< seconds: of the whole of it
};

/// A value without allocation: what comes after the first few policies is left out. Its views are
/// the fields'.
class RateLimit {
 public:
  explicit RateLimit(const FieldList& fields);

  const RateLimitPolicy* begin() const { return policies_.data(); }
  const RateLimitPolicy* end() const { return policies_.data() + size_; }

  /// What has to be waited for: the slowest policy of those that are used up; if none says that it
  /// is, the fastest of all. As time_ahead() takes it; nullopt where no policy names a reset.
  std::optional<std::int64_t> reset() const;

 private:
  static constexpr std::size_t kPoliciesMax = 8;

  void read(std::string_view element);
  void read_policy(std::string_view element);
  RateLimitPolicy* place_for(std::string_view name);

  std::array<RateLimitPolicy, kPoliciesMax> policies_;
  std::size_t size_ = 0;
};

}  // namespace bearer::http
