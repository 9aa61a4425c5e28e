// The RateLimit and RateLimit-Policy fields (draft-ietf-httpapi-ratelimit-headers):
// `"burst";r=0;t=3` beside `"burst";q=10;w=5`, and `limit=100, remaining=50, reset=30` of older
// drafts.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <string_view>

#include "http/fields.h"
#include "http/quota_claim.h"

namespace bearer::http {

/// The policies that a response is under. A value without allocation: policies after the first few
/// are left out. Its views are the fields'.
class RateLimit {
 public:
  static constexpr std::size_t kPoliciesMax = 8;

  /// Epochs are counted from `from`.
  RateLimit(const FieldList& fields, std::chrono::sys_seconds from);

  const QuotaClaim* begin() const { return policies_.data(); }
  const QuotaClaim* end() const { return policies_.data() + size_; }

 private:
  void read(std::string_view element);
  void read_policy(std::string_view element);
  void set_all(QuotaClaim& policy, std::string_view parameters) const;
  void set(QuotaClaim& policy, std::string_view parameter) const;
  QuotaClaim* place_for(std::string_view name);

  const std::chrono::sys_seconds from_;
  std::array<QuotaClaim, kPoliciesMax> policies_;
  std::size_t size_ = 0;
};

/// The window of that quota, if a list such as `100, 100;w=60, 5000;w=3600` contains it.
std::optional<TimeAhead> window_of(std::uint64_t limit, std::string_view policies);

}  // namespace bearer::http
