#include "http/quota.h"

#include <algorithm>
#include <chrono>

#include "http/quoted_string.h"

namespace bearer::http {
namespace {

using std::chrono::milliseconds, std::chrono::seconds;

/// The Date and the epoch of a reset are whole seconds, so they may differ by this much.
constexpr seconds kDateResolution{1};

bool counts_tokens(QuotaFamily family) {
  return family == QuotaFamily::tokens || family == QuotaFamily::anthropic_tokens ||
         family == QuotaFamily::anthropic_input || family == QuotaFamily::anthropic_output;
}

// If two fields disagree, the stricter one counts, whichever comes first.
using Count = std::optional<std::uint64_t>;

Count larger(const Count& a, const Count& b) {
  return std::max(a, b);
}
Count smaller(const Count& a, const Count& b) {
  return a && b ? std::min(a, b) : std::max(a, b);
}
/// The one whose unit is known, or else the later one.
std::optional<TimeAhead> surer(const std::optional<TimeAhead>& a,
                               const std::optional<TimeAhead>& b) {
  if (!a || !b) return a ? a : b;
  if (a->vague != b->vague) return a->vague ? b : a;
  return a->wait < b->wait ? b : a;
}

// An intermediary may have joined the values of two fields in one: they count as two fields do.

/// True for `12,000`, in which the comma may only group digits.
bool groups_digits(std::string_view value) {
  constexpr std::size_t kGroup = 3;
  std::size_t comma = value.find(',');
  if (comma == std::string_view::npos) return false;
  while (comma != std::string_view::npos) {
    const std::string_view after = value.substr(comma + 1);
    const std::size_t digits = std::min(after.find_first_not_of("0123456789"), after.size());
    if (digits != kGroup || (after.size() > kGroup && after[kGroup] != ',')) return false;
    comma = value.find(',', comma + 1);
  }
  return true;
}

/// The least, or the largest, of the counts in `value`, as `of_two` chooses.
Count joined_count(std::string_view value, Count (*of_two)(const Count&, const Count&)) {
  if (groups_digits(value)) return parse_count(value);  // no more than both readings leave
  Count found;
  while (!value.empty()) found = of_two(found, parse_count(take_element(value, ',')));
  return found;
}
std::optional<TimeAhead> joined_time(std::string_view value, TimeUnit unit,
                                     std::chrono::sys_seconds from) {
  std::optional<TimeAhead> found;
  while (!value.empty()) found = surer(found, read_time_ahead(take_time_ahead(value), unit, from));
  return found;
}

}  // namespace

QuotaClaims::QuotaClaims(const FieldList& fields, base::WallTime now) {
  if (!mentions_quota(fields)) return;
  const std::chrono::sys_seconds from = response_time(fields.value(FieldName::date), now);
  for (const QuotaClaim& policy : RateLimit(fields, from)) claims_[size_++] = policy;
  const std::size_t policies = size_;
  if (fields.has(FieldName::hint)) {
    for (const Field& field : fields) {
      if (field.id == FieldName::hint) read(field, from);
    }
  }
  for (std::size_t i = policies; i < size_; ++i) finish(claims_[i], fields);
}

void QuotaClaims::read(const Field& field, std::chrono::sys_seconds from) {
  const HintField& hint = hint_field(field.name);
  if (hint.family == QuotaFamily::none) return;
  auto* claim = std::find_if(claims_.data(), claims_.data() + size_,
                             [&](const QuotaClaim& c) { return c.family == hint.family; });
  if (claim == claims_.data() + size_) {
    ++size_;
    claim->family = hint.family;
    claim->counts_requests = !counts_tokens(hint.family);
  }
  switch (hint.fact) {
    case HintFact::limit: {
      const Count first = parse_count(field.value);  // the policies may follow
      claim->limit = larger(claim->limit, first);
      if (first && !claim->window) claim->window = window_of(*first, field.value);
      break;
    }
    case HintFact::remaining:
      claim->remaining = smaller(claim->remaining, joined_count(field.value, smaller));
      break;
    case HintFact::used:
      claim->used = larger(claim->used, joined_count(field.value, larger));
      break;
    case HintFact::reset:
      claim->reset = surer(claim->reset, joined_time(field.value, hint.unit, from));
      break;
    case HintFact::window: claim->window = read_time_ahead(field.value, hint.unit, from); break;
    case HintFact::name: claim->name = std::max(claim->name, field.value); break;
    case HintFact::wait:
    case HintFact::should_retry: break;
  }
}

void QuotaClaims::finish(QuotaClaim& claim, const FieldList& fields) {
  if (claim.limit && claim.used && !claim.remaining) {
    claim.remaining = *claim.limit - std::min(*claim.used, *claim.limit);
  }
  if (claim.limit && !claim.window) {
    claim.window = window_of(*claim.limit, fields.value(FieldName::rate_limit_policy));
  }
  if (!claim.reset || !claim.reset->vague || !claim.window) return;
  const bool fits = claim.reset->wait <= claim.window->wait + kDateResolution;
  claim.reset = {fits ? claim.reset->wait : claim.reset->soonest(), false};
}

std::optional<Quota> believe(const QuotaClaim& claim, base::Duration horizon) {
  const auto& full = claim.reset ? claim.reset : claim.window;
  if (!claim.counts_requests || !claim.remaining || !full || claim.limit == 0) return std::nullopt;
  const milliseconds reset = full->soonest();
  // A negative wait is no time, unless it came from an epoch.
  if (reset < -kDateResolution) return std::nullopt;
  Quota quota{claim.limit, *claim.remaining, bounded_delay(reset)};
  if (quota.reset > horizon) return std::nullopt;
  if (quota.limit) quota.limit = std::max(*quota.limit, quota.remaining);
  return quota;
}

bool stricter(const Quota& a, const Quota& b) {
  using Seconds = std::chrono::duration<double>;
  const double fewer = static_cast<double>(a.remaining) * Seconds(b.reset).count();
  const double more = static_cast<double>(b.remaining) * Seconds(a.reset).count();
  return fewer != more ? fewer < more : a.reset > b.reset;
}

std::optional<Quota> strictest_quota(const QuotaClaims& claims, base::Duration horizon) {
  std::optional<Quota> strictest;
  for (const QuotaClaim& claim : claims) {
    const auto quota = believe(claim, horizon);
    if (quota && (!strictest || stricter(*quota, *strictest))) strictest = quota;
  }
  return strictest;
}

}  // namespace bearer::http
