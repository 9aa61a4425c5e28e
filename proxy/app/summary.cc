#include "app/summary.h"

#include <cstdint>
#include <numeric>

#include "base/text.h"
#include "relay/telemetry/cause.h"

namespace bearer::app {
namespace {

using base::counted;

/// The sum over all routes.
relay::RouteTotals sum(const relay::Totals& totals) {
  relay::RouteTotals all;
  for (const auto& [label, route] : totals.routes) all += route;
  return all;
}

struct Answers {
  std::uint64_t all = 0, failed = 0;
};

Answers answers(const relay::RouteTotals& route) {
  constexpr int kServerErrors = 5;
  Answers answers;
  for (const auto& [kind, count] : route.requests) {
    const int status = kind.status;
    const bool failed = status / 100 == kServerErrors || status == 401 || status == 429;
    answers.all += count;
    if (failed) answers.failed += count;
  }
  return answers;
}

}  // namespace

std::string summary(const relay::Totals& totals, const token::RefreshCounts& tokens) {
  const relay::RouteTotals all = sum(totals);
  const auto caused_by = [&](relay::Cause cause) {
    return all.attempts[static_cast<std::size_t>(cause)];
  };
  const Answers requests = answers(all);
  const std::uint64_t replays = caused_by(relay::Cause::unauthorized);
  const std::uint64_t attempts =
      std::accumulate(all.attempts.begin(), all.attempts.end(), std::uint64_t{0});
  const std::uint64_t retries = attempts - replays - caused_by(relay::Cause::first);
  const std::string failed =
      requests.failed == 0 ? "" : ", " + std::to_string(requests.failed) + " of them failed";
  const std::string shared =
      tokens.shared == 0 ? "" : ", " + std::to_string(tokens.shared) + " taken from the store";
  return counted(requests.all, "request", "requests") + failed + ", " +
         counted(retries, "retry", "retries") + ", " + counted(replays, "replay", "replays") +
         " after a 401, " + base::format_duration(all.waited.total()) + " waited, " +
         counted(tokens.fetched, "token", "tokens") + " fetched" + shared;
}

}  // namespace bearer::app
