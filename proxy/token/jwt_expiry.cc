#include "token/jwt_expiry.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

#include "base/encoding.h"
#include "base/secret.h"
#include "base/text.h"
#include "token/json.h"

namespace bearer::token {
namespace {

constexpr double kSecondsMax = 9e9;  // the year 2255: what a WallTime can hold

bool base64url(std::string_view part) {
  return base::base64url_decode(part).has_value();
}

/// RFC 7519 wants a number. Some issuers write an integer as a string.
std::optional<double> seconds_in(const nlohmann::json& value) {
  if (value.is_number()) return value.get<double>();
  if (!value.is_string()) return std::nullopt;
  const auto integer = base::parse_decimal(value.get_ref<const std::string&>());
  if (!integer) return std::nullopt;
  return static_cast<double>(*integer);
}

}  // namespace

std::optional<base::WallTime> jwt_expiry(std::string_view token) {
  if (std::count(token.begin(), token.end(), '.') != 2) return std::nullopt;
  const std::string_view header = base::take_until(token, '.');
  const std::string_view payload = base::take_until(token, '.');
  if (header.empty() || !base64url(header) || !base64url(token)) return std::nullopt;

  std::optional<std::string> claims_text = base::base64url_decode(payload);
  if (!claims_text) return std::nullopt;
  const auto claims = parse_json(*claims_text);
  base::wipe(*claims_text);
  if (!claims.is_object()) return std::nullopt;
  const auto exp = claims.find("exp");
  if (exp == claims.end()) return std::nullopt;
  const std::optional<double> number = seconds_in(*exp);
  if (!number) return std::nullopt;
  const double seconds = std::clamp(*number, 0.0, kSecondsMax);
  return base::WallTime(
      std::chrono::duration_cast<base::Duration>(std::chrono::duration<double>(seconds)));
}

}  // namespace bearer::token
