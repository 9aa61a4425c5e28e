#include "token/token_response.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/advice.h"
#include "base/iso_time.h"
#include "base/text.h"
#include "http/date.h"
#include "token/json.h"

namespace bearer::token {
namespace {

using nlohmann::json;
using FloatSeconds = std::chrono::duration<double>;

constexpr std::size_t kNamesCharsMax = 200;
constexpr double kEpochMin = 1.6e9;       // 2020: no token ended earlier; 50 years as a lifetime
constexpr double kEpochMillisMin = 1e11;  // 1973 in milliseconds, the year 5138 in seconds
constexpr double kEpochMax = 9e9;         // what a WallTime can hold

std::optional<double> number_in(const json& value) {
  if (value.is_number()) return value.get<double>();
  if (!value.is_string()) return std::nullopt;
  const std::string_view text = base::trim(value.get_ref<const std::string&>());
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

/// Seconds or milliseconds since 1970; nullopt for a number too small to be either.
std::optional<base::WallTime> epoch(double number) {
  if (!(number >= kEpochMin)) return std::nullopt;  // also false for NaN
  const double seconds = number >= kEpochMillisMin ? number / 1000 : number;
  return base::WallTime(
      std::chrono::duration_cast<base::Duration>(FloatSeconds(std::min(seconds, kEpochMax))));
}

/// Any form of a field's date; UTC if it names no zone.
std::optional<base::WallTime> date(std::string_view text) {
  using std::chrono::seconds;
  constexpr seconds kMin{static_cast<std::int64_t>(kEpochMin)};
  constexpr seconds kMax{static_cast<std::int64_t>(kEpochMax)};
  const auto read = http::parse_date(text, std::chrono::sys_seconds(kMin));
  if (!read || read->time_since_epoch() < kMin) return std::nullopt;
  return base::WallTime(std::min(read->time_since_epoch(), kMax));
}

/// az writes the local time into `expiresOn`, without a zone.
std::optional<base::WallTime> moment(const json& value, std::string_view name) {
  if (const auto number = number_in(value)) return epoch(*number);
  if (!value.is_string()) return std::nullopt;
  const std::string& text = value.get_ref<const std::string&>();
  const auto zoned = base::parse_iso_time(text);
  return zoned || name == "expiresOn" ? zoned : date(text);
}

/// The first number that one of the members holds.
std::optional<double> first_number(const json& body, std::initializer_list<const char*> names) {
  for (const char* name : names) {
    const auto found = body.find(name);
    if (found == body.end()) continue;
    if (const auto number = number_in(*found)) return number;
  }
  return std::nullopt;
}

std::optional<base::WallTime> end_of(const json& body) {
  for (const char* name : {"expires_at", "expires_on", "expiresAt", "expiresOn", "expires",
                           "expiration", "expirationTimestamp", ".expires"}) {
    const auto found = body.find(name);
    if (found == body.end()) continue;
    if (const auto end = moment(*found, name)) return end;
  }
  return std::nullopt;
}

base::Error malformed(const Origin& origin, const std::string& detail) {
  return {base::Errc::token_malformed, origin.subject + " " + detail, origin.fix};
}

base::Result<TokenResponse> checked(TokenResponse response, const Origin& origin) {
  const std::string_view token = response.access_token.reveal();
  if (token.empty()) return malformed(origin, "holds no token");
  if (token.size() > kTokenBytesMax) return malformed(origin, "holds a token larger than 16 KiB");
  if (is_token(token)) return response;
  return malformed(
      origin,
      "holds a token with blanks, control characters or characters beyond ASCII, which "
      "cannot be sent in a request's head");
}

bool is_dpop(std::string_view token_type) {
  return base::iequals(base::trim(token_type), "dpop");
}

/// True for a token for which the client has to prove that it has a key.
bool means_bound(std::string_view token_type) {
  constexpr std::array<std::string_view, 2> kBound{"mac", "pop"};
  return is_dpop(token_type) || std::ranges::any_of(kBound, [&](std::string_view bound) {
           return base::iequals(base::trim(token_type), bound);
         });
}

/// Says what is wrong with a token of that type, and what to do; nullopt if nothing is.
std::optional<base::Error> misfit(std::string_view token_type, TokenUse use, const Origin& origin) {
  const std::string said =
      token_type.empty()
          ? "has no token_type"
          : "has the token_type \"" + base::printable(token_type, kTokenTypeCharsMax) + "\"";
  if (use == TokenUse::dpop) {
    if (is_dpop(token_type)) return std::nullopt;
    base::Error unbound = malformed(origin, said +
                                                ", not DPoP: the server did not bind the token "
                                                "to our key");
    unbound.fix = "turn DPoP on for this client at the provider, or set dpop to false";
    return unbound;
  }
  if (!means_bound(token_type)) return std::nullopt;
  base::Error bound =
      malformed(origin, said + ": such a token is bound to a key and cannot be sent as Bearer");
  if (is_dpop(token_type) && origin.can_bind) {
    bound.fix = base::advice_on(base::Trouble::token_bound);
  }
  return bound;
}

base::Secret take_token(json& body, TokenMembers members) {
  base::Secret token = take_secret(body, "access_token");
  if (members == TokenMembers::access_token) return token;
  for (const char* name : {"accessToken", "AccessToken", "token"}) {
    if (token.empty()) token = take_secret(body, name);
  }
  return token;
}

}  // namespace

std::string names_of(const json& body) {
  std::string names;
  for (const auto& [name, value] : body.items()) names += (names.empty() ? "" : ", ") + name;
  return names.empty() ? "none" : base::printable(names, kNamesCharsMax);
}

bool is_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
}

base::Result<TokenResponse> read_token(json& body, TokenMembers members, const Origin& origin,
                                       TokenUse use) {
  const std::optional<double> seconds =
      first_number(body, {"expires_in", "expiresIn", "ExpiresIn"});
  TokenResponse response{.access_token = take_token(body, members), .expires_in = {}};
  for (const char* name : kRefreshTokenNames) take_secret(body, name);  // so that it is wiped
  response.scope = base::printable(text_of(body, "scope"), kScopeCharsMax);
  if (response.access_token.empty()) {
    // Kubernetes' ExecCredential.
    const auto status = body.find("status");
    const bool deeper = members == TokenMembers::any_known && status != body.end();
    if (deeper && status->is_object()) return read_token(*status, members, origin, use);
    return malformed(origin, "holds no access_token (its members: " + names_of(body) + ")");
  }
  const std::string type = text_of(body, "token_type");
  if (std::optional<base::Error> wrong = misfit(type, use, origin)) return *std::move(wrong);
  // Without this check it would count as not said, and the token would last an hour.
  if (seconds && *seconds < 0) {
    return malformed(origin, "says that its token has ended already (expires_in is negative)");
  }
  if (seconds && epoch(*seconds)) {
    response.expires_at = epoch(*seconds);
  } else if (seconds && *seconds > 0) {
    response.expires_in = std::chrono::duration_cast<base::Duration>(
        std::min(FloatSeconds(*seconds), FloatSeconds(kLifetimeMax)));
  } else {
    response.expires_at = end_of(body);
    response.lifetime_is_zero = seconds == 0.0 && !response.expires_at;
  }
  return checked(std::move(response), origin);
}

base::Result<TokenResponse> parse_token(const base::Secret& text, const Origin& origin) {
  constexpr std::string_view kWhite = " \t\r\n";
  std::string_view token = text.reveal();
  token.remove_prefix(std::min(token.find_first_not_of(kWhite), token.size()));
  token = token.substr(0, token.find_last_not_of(kWhite) + 1);
  if (token.starts_with('<')) return malformed(origin, "is a page, not a token");
  if (token.empty() || std::string_view("{[\"").find(token.front()) == std::string_view::npos) {
    return checked({.access_token = base::Secret(std::string(token)), .expires_in = {}}, origin);
  }
  if (base::json_too_deep(token)) return malformed(origin, std::string(base::kJsonTooDeep));
  json body = parse_json(token);
  if (body.is_string()) {
    json alone{{"access_token", std::move(body)}};
    return read_token(alone, TokenMembers::access_token, origin);
  }
  if (!body.is_object()) return malformed(origin, "begins like JSON but cannot be parsed");
  return read_token(body, TokenMembers::any_known, origin);
}

}  // namespace bearer::token
