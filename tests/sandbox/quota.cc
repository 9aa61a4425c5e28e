#include "tests/sandbox/quota.h"

#include <algorithm>
#include <stdexcept>

#include "tests/sandbox/duration.h"
#include "tests/sandbox/encoding.h"

namespace bearer::sandbox {

Quota::Verdict Quota::take(const std::string& token, WallTime now) {
  if (options_.requests == 0) return {true, {}};
  const std::lock_guard lock(mutex_);
  Window& window = windows_[token];
  if (now >= window.ends) {
    window = {now + options_.window};
    ++begun_;
  }
  const bool admitted = window.used < options_.requests;
  ++window.used;
  ++(admitted ? admitted_ : refused_);
  Verdict verdict{admitted, fields(window, now)};
  if (!admitted) {
    const auto wait = std::chrono::ceil<std::chrono::seconds>(window.ends - now);
    verdict.fields.emplace_back("Retry-After", std::to_string(wait.count()));
  }
  return verdict;
}

std::vector<Pair> Quota::fields(const Window& window, WallTime now) const {
  const std::string limit = std::to_string(options_.requests);
  const std::string left =
      std::to_string(options_.requests - std::min(options_.requests, window.used));
  const auto wait = std::chrono::ceil<std::chrono::seconds>(window.ends - now);
  const std::string reset = std::to_string(wait.count());
  switch (options_.fields) {
    case QuotaFields::inin:
      return {{"inin-ratelimit-count", std::to_string(window.used)},
              {"inin-ratelimit-allowed", limit},
              {"inin-ratelimit-reset", reset}};
    case QuotaFields::ietf: {
      const auto seconds = std::chrono::ceil<std::chrono::seconds>(options_.window).count();
      return {{"RateLimit-Policy", "\"default\";q=" + limit + ";w=" + std::to_string(seconds)},
              {"RateLimit", "\"default\";r=" + left + ";t=" + reset}};
    }
    case QuotaFields::x: {
      const auto epoch = std::chrono::ceil<std::chrono::seconds>(window.ends.time_since_epoch());
      return {{"X-RateLimit-Limit", limit},
              {"X-RateLimit-Remaining", left},
              {"X-RateLimit-Reset", std::to_string(epoch.count())}};
    }
    case QuotaFields::none: break;
  }
  return {};
}

nlohmann::ordered_json Quota::to_json() const {
  const std::lock_guard lock(mutex_);
  return {{"admitted", admitted_}, {"refused", refused_}, {"windows", begun_}};
}

QuotaOptions parse_quota(std::string_view text) {
  QuotaOptions options;
  const auto requests = parse_number(take_until(text, '/'));
  if (!requests || *requests == 0) throw std::invalid_argument("not a quota; write 300/m");
  options.requests = *requests;
  const bool is_unit = text == "s" || text == "m" || text == "h";
  options.window = parse_duration(is_unit ? "1" + std::string(text) : std::string(text));
  if (options.window <= Milliseconds{0}) throw std::invalid_argument("its window has no length");
  return options;
}

QuotaFields parse_quota_fields(std::string_view text) {
  if (text == "inin") return QuotaFields::inin;
  if (text == "ietf") return QuotaFields::ietf;
  if (text == "x") return QuotaFields::x;
  if (text == "none") return QuotaFields::none;
  throw std::invalid_argument("must be inin, ietf, x or none");
}

Answer over_quota() {
  return {.status = 429,
          .body = R"({"message":"Rate limit exceeded the maximum.","code":"too.many.requests",)"
                  R"("status":429})"};
}

}  // namespace bearer::sandbox
