// Quota fields of a response, a line each, and what the pace makes of them.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/text.h"
#include "http/quota.h"
#include "http/rate_limit.h"
#include "http/retry_after.h"
#include "relay/limits/quota_pace.h"
#include "tests/fuzz/heads.h"
#include "tests/fuzz/pieces.h"
#include "tests/fuzz/target.h"

namespace bearer::fuzz {
namespace {

constexpr base::WallTime kNow{std::chrono::seconds(1'767'225'600)};  // 2026-01-01
constexpr std::chrono::hours kHorizon{1};
constexpr int kRequests = 50;

void check_quota(const http::Quota& quota) {
  check(quota.reset >= base::Duration::zero() && quota.reset <= kHorizon,
        "no quota is believed beyond the horizon");
  check(!quota.limit || (*quota.limit > 0 && *quota.limit >= quota.remaining),
        "a limit is not 0, nor less than what remains of it");
}

bool named_twice(const http::FieldList& fields, const http::Field& field) {
  if (field.id == http::FieldName::other) return false;
  return std::count_if(fields.begin(), fields.end(), [&](const http::Field& other) {
           return base::iequals(other.name, field.name);
         }) > 1;
}

/// The fields of a sender that names each but once may come in any order.
void check_order(const http::FieldList& fields, const std::optional<http::Quota>& quota) {
  http::FieldList reversed;
  for (std::size_t i = fields.size(); i-- > 0;) {
    const http::Field& field = fields.begin()[i];
    if (named_twice(fields, field)) return;
    reversed.push(field);
  }
  check(http::strictest_quota(http::QuotaClaims(reversed, kNow), kHorizon) == quota,
        "the order of fields is nothing");
}

/// Requests that come as they like, and answers that all name this quota.
void check_pace(const http::Quota& quota, std::string_view seed) {
  std::minstd_rand random = chance(seed);
  relay::QuotaPace pace;
  base::Instant now{std::chrono::hours(1000)};
  relay::SendStamp earlier;
  for (int i = 0; i < kRequests; ++i) {
    const base::Instant turn = pace.next(now);
    check(turn <= now + kHorizon + std::chrono::seconds(1), "nobody waits longer than a window");
    check(pace.estimate(now, 0) == turn, "the first of a queue is told its turn");
    check(pace.estimate(now, 3) >= turn, "those behind it go later");
    now = std::max(now, turn) + std::chrono::milliseconds(random() % 2000);
    const relay::SendStamp stamp = pace.sent(now);
    if (random() % 4 == 0) pace.learn_of_none(earlier);
    pace.learn(stamp, quota, now);
    pace.completed(stamp);
    earlier = stamp;
  }
}

void run(std::string_view bytes) {
  const FieldLines lines(bytes);
  if (!lines.well_formed()) return;
  const http::FieldList& fields = lines.fields();
  const auto quota = http::strictest_quota(http::QuotaClaims(fields, kNow), kHorizon);
  check(!quota || http::mentions_quota(fields), "no quota but of its fields");
  if (quota) check_quota(*quota);
  check_order(fields, quota);
  if (quota) check_pace(*quota, bytes);

  const auto delay = http::retry_delay(429, fields, kNow);
  check(!delay || (delay->delay >= base::Duration::zero() &&
                   delay->delay <= base::Duration(std::chrono::years(10))),
        "a delay is bounded");
}

const Registration registration("quota", run);

}  // namespace
}  // namespace bearer::fuzz
