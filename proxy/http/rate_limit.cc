#include "http/rate_limit.h"

#include <algorithm>
#include <limits>

#include "base/text.h"
#include "http/quoted_string.h"
#include "http/time_ahead.h"

namespace bearer::http {
namespace {

template <typename Read>
void for_each_element(const FieldList& fields, FieldName name, Read read) {
  if (!fields.has(name)) return;
  for (const Field& field : fields) {
    if (field.id != name) continue;
    std::string_view rest = field.value;
    while (!rest.empty()) read(take_element(rest, ','));
  }
}

/// Cuts the name off an element. It has none where it begins with a parameter, as in older drafts.
std::string_view take_name(std::string_view& element) {
  const std::size_t end = find_unquoted(element, ';');
  if (find_unquoted(element.substr(0, end), '=') < end) return {};
  return take_element(element, ';');
}

void set(RateLimitPolicy& policy, std::string_view parameter) {
  const auto [name, quoted] = split_parameter(parameter);
  const std::string_view value = inside_quotes(quoted);
  if (name == "qu") policy.counts_requests = value == "requests";
  if (name == "w") policy.window = parse_time_number(value);
  // What is no number takes nothing back.
  if (const auto count = base::parse_decimal(value)) {
    if (name == "q" || name == "limit") policy.limit = count;
    if (name == "r" || name == "remaining") policy.remaining = count;
  }
  if (name != "t" && name != "reset") return;
  if (const auto reset = parse_time_number(value)) policy.reset = reset;
}

void set_all(RateLimitPolicy& policy, std::string_view parameters) {
  while (!parameters.empty()) set(policy, take_element(parameters, ';'));
}

}  // namespace

RateLimit::RateLimit(const FieldList& fields) {
  for_each_element(fields, FieldName::rate_limit, [&](std::string_view e) { read(e); });
  for_each_element(fields, FieldName::rate_limit_policy,
                   [&](std::string_view e) { read_policy(e); });
}

RateLimitPolicy* RateLimit::place_for(std::string_view name) {
  // In the older form each parameter is an element, and all of them are about one policy.
  const bool goes_on = name.empty() && size_ > 0 && policies_[size_ - 1].name.empty();
  if (goes_on) return &policies_[size_ - 1];
  if (size_ == kPoliciesMax) return nullptr;
  policies_[size_].name = name;
  return &policies_[size_++];
}

void RateLimit::read(std::string_view element) {
  if (element.empty()) return;
  const std::string_view name = take_name(element);
  if (RateLimitPolicy* policy = place_for(name)) set_all(*policy, element);
}

void RateLimit::read_policy(std::string_view element) {
  const std::string_view name = take_name(element);
  for (RateLimitPolicy& policy : policies_) {
    if (!name.empty() && policy.name == name) set_all(policy, element);
  }
}

std::optional<std::int64_t> RateLimit::reset() const {
  std::optional<std::int64_t> slowest, fastest;
  for (const RateLimitPolicy& policy : *this) {
    if (!policy.reset) continue;
    if (policy.remaining.value_or(0) == 0) {
      slowest = std::max(slowest.value_or(0), *policy.reset);
    } else {
      fastest = std::min(fastest.value_or(std::numeric_limits<std::int64_t>::max()), *policy.reset);
    }
  }
  return slowest ? slowest : fastest;
}

}  // namespace bearer::http
