#include "http/rate_limit.h"

#include <algorithm>

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

/// Takes the name off an element. It has none if it begins with a parameter, as in older drafts.
std::string_view take_name(std::string_view& element) {
  const std::size_t end = find_unquoted(element, ';');
  if (find_unquoted(element.substr(0, end), '=') < end) return {};
  return take_element(element, ';');
}

}  // namespace

RateLimit::RateLimit(const FieldList& fields, std::chrono::sys_seconds from) : from_(from) {
  for_each_element(fields, FieldName::rate_limit, [&](std::string_view e) { read(e); });
  for_each_element(fields, FieldName::rate_limit_policy,
                   [&](std::string_view e) { read_policy(e); });
}

QuotaClaim* RateLimit::place_for(std::string_view name) {
  // In the older form each parameter is an element, and all of them describe one policy.
  const bool goes_on = name.empty() && size_ > 0 && policies_[size_ - 1].name.empty();
  if (goes_on) return &policies_[size_ - 1];
  if (size_ == kPoliciesMax) return nullptr;
  policies_[size_].family = QuotaFamily::policy;
  policies_[size_].name = name;
  return &policies_[size_++];
}

void RateLimit::read(std::string_view element) {
  if (element.empty()) return;
  const std::string_view name = take_name(element);
  if (QuotaClaim* policy = place_for(name)) set_all(*policy, element);
}

void RateLimit::read_policy(std::string_view element) {
  const std::string_view name = take_name(element);
  for (QuotaClaim& policy : policies_) {
    if (!name.empty() && policy.name == name) set_all(policy, element);
  }
}

void RateLimit::set_all(QuotaClaim& policy, std::string_view parameters) const {
  while (!parameters.empty()) set(policy, take_element(parameters, ';'));
}

void RateLimit::set(QuotaClaim& policy, std::string_view parameter) const {
  const auto [name, quoted] = split_parameter(parameter);
  const std::string_view value = inside_quotes(quoted);
  if (name == "qu") policy.counts_requests = value == "requests";
  // A gateway may have joined two fields of the older form, whose policies have no name. The
  // stricter of their values counts, as it does for the fields of other families.
  const bool joins = policy.name.empty() && policy.remaining;
  // A value that is not a number does not change an earlier one.
  if (const auto count = base::parse_decimal(value)) {
    if (name == "q" || name == "limit") policy.limit = count;
    const bool remains = name == "r" || name == "remaining";
    if (remains) policy.remaining = joins ? std::min(*count, *policy.remaining) : count;
  }
  const bool resets = name == "t" || name == "reset";
  if (!resets && name != "w") return;
  if (const auto time = read_time_ahead(value, TimeUnit::seconds, from_)) {
    if (resets && policy.name.empty() && policy.reset && policy.reset->wait > time->wait) return;
    (resets ? policy.reset : policy.window) = time;
  }
}

std::optional<TimeAhead> window_of(std::uint64_t limit, std::string_view policies) {
  while (!policies.empty()) {
    std::string_view parameters = take_element(policies, ',');
    if (parse_count(take_element(parameters, ';')) != limit) continue;
    while (!parameters.empty()) {
      const auto [name, value] = split_parameter(take_element(parameters, ';'));
      if (name == "w") return read_time_ahead(value, TimeUnit::seconds, {});
    }
  }
  return std::nullopt;
}

}  // namespace bearer::http
