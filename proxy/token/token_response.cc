#include "token/token_response.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <span>
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
constexpr std::string_view kBearer = "Bearer";
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

/// A member that may hold the end of a token.
struct EndMember {
  const char* name;
  bool local = false;        ///< a time without a zone is this machine's, which is not read
  bool or_lifetime = false;  ///< a small number is a lifetime
};

constexpr std::array kEnds{
    EndMember{"expires_at"},
    EndMember{"expires_on"},
    EndMember{"expiresAt"},
    EndMember{"ExpiresAt"},
    EndMember{"expiresOn", /*local=*/true},  // az
    EndMember{"ExpiresOn"},                  // Get-AzAccessToken
    EndMember{"expires", false, /*or_lifetime=*/true},
    EndMember{"expire", false, /*or_lifetime=*/true},
    EndMember{"expiration", false, /*or_lifetime=*/true},
    EndMember{"Expiration", false, /*or_lifetime=*/true},
    EndMember{"expiry", false, /*or_lifetime=*/true},  // Go's oauth2.Token, google-auth's to_json()
    EndMember{"expirationTimestamp"},
    EndMember{"expireTime"},  // Google's APIs
    EndMember{"expire_time"},
    EndMember{"expires_date"},
    EndMember{"expiry_date"},   // google-auth-library of Node.js
    EndMember{"token_expiry"},  // gcloud config config-helper
    EndMember{"access_token_expires_at"},
    EndMember{"accessTokenExpiresAt"},
    EndMember{"accessTokenExpiration"},
    EndMember{"exp"},
    EndMember{"validTo"},
    EndMember{"valid_to"},
    EndMember{"validUntil"},
    EndMember{"valid_until"},
    EndMember{".expires"},    // ASP.NET
    EndMember{"expires_in"},  // a date
};

/// How Windows PowerShell writes a time as JSON: `/Date(1767225600000)/`.
std::optional<base::WallTime> powershell_date(std::string_view text) {
  constexpr std::string_view kBefore = "/Date(", kAfter = ")/";
  if (!text.starts_with(kBefore) || !text.ends_with(kAfter)) return std::nullopt;
  text.remove_prefix(kBefore.size());
  text.remove_suffix(std::min(kAfter.size(), text.size()));
  const auto milliseconds = base::parse_decimal(text);
  return milliseconds ? epoch(static_cast<double>(*milliseconds)) : std::nullopt;
}

std::optional<base::WallTime> moment(const json& value, const EndMember& member) {
  if (const auto number = number_in(value)) return epoch(*number);
  if (!value.is_string()) return std::nullopt;
  const std::string& text = value.get_ref<const std::string&>();
  if (const auto zoned = base::parse_iso_time(text)) return zoned;
  if (const auto read = powershell_date(text)) return read;
  return member.local ? std::nullopt : date(text);
}

/// REQUIRES: a positive number.
base::Duration bounded(double seconds) {
  return std::chrono::duration_cast<base::Duration>(
      std::min(FloatSeconds(seconds), FloatSeconds(kLifetimeMax)));
}

/// REQUIRES: a number that is no epoch.
std::optional<base::Duration> lifetime_in(const json& value) {
  constexpr FloatSeconds kSecondsMax = std::chrono::days(1);  // beyond, it is in milliseconds
  const auto number = number_in(value);
  if (!number || !(*number > 0)) return std::nullopt;
  const FloatSeconds lifetime(FloatSeconds(*number) > kSecondsMax ? *number / 1000 : *number);
  return std::chrono::duration_cast<base::Duration>(lifetime);
}

/// The first number that one of the members of these names holds.
std::optional<double> number_under(const json& body, std::span<const char* const> names) {
  for (const char* name : names) {
    const auto found = body.find(name);
    if (found == body.end()) continue;
    if (const auto number = number_in(*found)) return number;
  }
  return std::nullopt;
}

/// Sets one of the two, or none.
void read_end(const json& body, TokenResponse& response) {
  for (const EndMember& member : kEnds) {
    const auto found = body.find(member.name);
    if (found == body.end()) continue;
    response.expires_at = moment(*found, member);
    if (response.expires_at) return;
    if (member.or_lifetime) response.expires_in = lifetime_in(*found);
    if (response.expires_in) return;
  }
}

/// Quotes why there is no token, if the answer says it.
std::string reason_in(const json& body) {
  constexpr std::size_t kCharsMax = 200;
  for (const char* name : {"error_description", "message", "error", "msg", "errmsg"}) {
    const std::string* text = text_member(body, name);
    if (text && !text->empty()) return " and says: " + base::printable(*text, kCharsMax);
  }
  return {};
}

base::Error malformed(const Origin& origin, const std::string& detail) {
  return {base::Errc::token_malformed, origin.subject + " " + detail, origin.fix};
}

std::string_view without_white(std::string_view text) {
  constexpr std::string_view kWhite = " \t\r\n";
  text.remove_prefix(std::min(text.find_first_not_of(kWhite), text.size()));
  return text.substr(0, text.find_last_not_of(kWhite) + 1);
}

/// What follows `scheme` and blanks; all of `text` if it does not begin with them.
std::string_view without_scheme(std::string_view text, std::string_view scheme) {
  const std::string_view rest = text.substr(std::min(scheme.size(), text.size()));
  const bool begins = !scheme.empty() && rest.find_first_of(" \t") == 0 &&
                      base::iequals(text.substr(0, scheme.size()), scheme);
  return begins ? without_white(rest) : text;
}

/// The token in `Authorization: Bearer abc` or `IAM token:  Bearer abc`; all of any other text.
std::string_view without_label(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == text.npos) return text;
  const bool label = std::ranges::all_of(text.substr(0, colon), [](char c) {
    const char low = base::lower(c);
    return (low >= 'a' && low <= 'z') || base::is_digit(c) || c == ' ' || c == '-' || c == '_';
  });
  const std::string_view rest = without_white(text.substr(colon + 1));
  const std::string_view token = without_scheme(rest, kBearer);
  return label && token.size() != rest.size() ? token : text;
}

/// `token_type` is the answer's own word for the scheme, which may stand before the token.
base::Result<TokenResponse> checked(TokenResponse response, const Origin& origin,
                                    std::string_view token_type = {}) {
  std::string_view token = without_white(response.access_token.reveal());
  token = without_scheme(without_scheme(token, kBearer), token_type);
  if (token.size() != response.access_token.reveal().size()) {
    base::Secret bare{std::string(token)};
    response.access_token = std::move(bare);
    token = response.access_token.reveal();
  }
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
  for (const char* name : {"accessToken", "AccessToken", "token", "Token"}) {
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
  const std::optional<double> seconds = number_under(body, kLifetimeNames);
  const std::optional<double> refreshable = number_under(body, kRefreshLifetimeNames);
  TokenResponse response{.access_token = take_token(body, members), .expires_in = {}};
  for (const char* name : kRefreshTokenNames) take_secret(body, name);  // so that it is wiped
  response.scope = base::printable(text_of(body, "scope"), kScopeCharsMax);
  if (response.access_token.empty()) {
    // Kubernetes' ExecCredential.
    const auto status = body.find("status");
    const bool deeper = members == TokenMembers::any_known && status != body.end();
    if (deeper && status->is_object()) return read_token(*status, members, origin, use);
    base::Error absent = malformed(
        origin, "holds no access_token (its members: " + names_of(body) + ")" + reason_in(body));
    absent.fix += ", or set token_member where the token has another name";
    return absent;
  }
  const std::string type = text_of(body, "token_type");
  if (std::optional<base::Error> wrong = misfit(type, use, origin)) return *std::move(wrong);
  if (refreshable && *refreshable > 0) response.refresh_expires_in = bounded(*refreshable);
  if (seconds && epoch(*seconds)) {
    response.expires_at = epoch(*seconds);
  } else if (seconds && *seconds > 0) {
    response.expires_in = bounded(*seconds);
  } else {
    read_end(body, response);
    response.lifetime_is_negative = seconds && *seconds < 0;
    response.lifetime_is_zero =
        seconds && *seconds <= 0 && !response.expires_at && !response.expires_in;
  }
  return checked(std::move(response), origin, type);
}

base::Result<TokenResponse> parse_token(const base::Secret& text, const Origin& origin) {
  const std::string_view token = without_white(text.reveal());
  if (token.starts_with('<')) return malformed(origin, "is a page, not a token");
  if (token.empty() || std::string_view("{[\"").find(token.front()) == std::string_view::npos) {
    base::Secret alone{std::string(without_label(token))};
    return checked({.access_token = std::move(alone), .expires_in = {}}, origin);
  }
  if (base::json_too_deep(token)) return malformed(origin, std::string(base::kJsonTooDeep));
  json body = out_of_list(parse_answer(token));
  if (body.is_string()) {
    json alone{{"access_token", std::move(body)}};
    return read_token(alone, TokenMembers::access_token, origin);
  }
  if (!body.is_object()) return malformed(origin, "begins like JSON but cannot be parsed");
  return read_token(body, TokenMembers::any_known, origin);
}

}  // namespace bearer::token
