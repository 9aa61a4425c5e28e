#include "app/summary.h"

#include <numeric>

#include "base/text.h"
#include "relay/cause.h"

namespace bearer::app {
namespace {

std::string counted(std::uint64_t count, const char* one, const char* more) {
  return std::to_string(count) + " " + (count == 1 ? one : more);
}

/// Of every route.
relay::RouteTotals sum(const relay::Totals& totals) {
  relay::RouteTotals all;
  for (const auto& [label, route] : totals.routes) all += route;
  return all;
}

}  // namespace

std::string summary(const relay::Totals& totals, std::uint64_t tokens) {
  const relay::RouteTotals all = sum(totals);
  const auto caused_by = [&](relay::Cause cause) {
    return all.attempts[static_cast<std::size_t>(cause)];
  };
  std::uint64_t requests = 0;
  for (const auto& codes : all.requests) {
    requests = std::accumulate(codes.begin(), codes.end(), requests);
  }
  const std::uint64_t replays = caused_by(relay::Cause::unauthorized);
  const std::uint64_t attempts =
      std::accumulate(all.attempts.begin(), all.attempts.end(), std::uint64_t{0});
  const std::uint64_t retries = attempts - replays - caused_by(relay::Cause::first);
  const base::Duration waited =
      std::accumulate(all.waited.begin(), all.waited.end(), base::Duration{});
  return counted(requests, "request", "requests") + ", " + counted(retries, "retry", "retries") +
         ", " + counted(replays, "replay", "replays") + " after a 401, " +
         base::format_duration(waited) + " waited, " + counted(tokens, "token", "tokens") +
         " fetched";
}

}  // namespace bearer::app
