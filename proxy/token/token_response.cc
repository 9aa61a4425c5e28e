#include "token/token_response.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <span>
#include <utility>

#include "base/advice.h"
#include "base/text.h"
#include "http/date.h"
#include "token/json.h"

namespace bearer::token {
namespace {

using nlohmann::json;
using FloatSeconds = std::chrono::duration<double>;

constexpr std::size_t kNamesCharsMax = 200;
constexpr std::size_t kPathCharsMax = 100;
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

/// Any form of a field's date; UTC if it names no zone, unless that is `local`, which is not read.
std::optional<base::WallTime> date(std::string_view text, bool local) {
  using std::chrono::seconds;
  constexpr seconds kMin{static_cast<std::int64_t>(kEpochMin)};
  constexpr seconds kMax{static_cast<std::int64_t>(kEpochMax)};
  const auto read = http::parse_date(base::trim(text), std::chrono::sys_seconds(kMin));
  if (!read || (local && !read->zoned)) return std::nullopt;
  const seconds end = read->time.time_since_epoch();
  if (end < kMin) return std::nullopt;
  return base::WallTime(std::min(end, kMax) + read->fraction);
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
  if (const auto read = powershell_date(text)) return read;
  return date(text, member.local);
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

/// Sets one of the two, or none. `named` comes before what stands beside the token, if it is not
/// null.
void read_end(const json& body, const json* named, TokenResponse& response) {
  if (named) response.expires_at = moment(*named, {});
  if (response.expires_at) return;
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

base::Error malformed(const Wording& wording, const std::string& detail) {
  return {base::Errc::token_malformed, wording.subject + " " + detail, wording.fix};
}

std::string_view without_white(std::string_view text) {
  constexpr std::string_view kWhite = " \t\r\n";
  text.remove_prefix(std::min(text.find_first_not_of(kWhite), text.size()));
  return text.substr(0, text.find_last_not_of(kWhite) + 1);
}

/// Returns the text behind `scheme` and blanks; all of it if it does not begin with them.
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
base::Result<TokenResponse> checked(TokenResponse response, const Wording& wording,
                                    std::string_view token_type = {}) {
  std::string_view token = without_white(response.access_token.reveal());
  token = without_scheme(without_scheme(token, kBearer), token_type);
  if (token.size() != response.access_token.reveal().size()) {
    base::Secret bare{std::string(token)};
    response.access_token = std::move(bare);
    token = response.access_token.reveal();
  }
  if (token.empty()) return malformed(wording, "holds no token");
  if (token.size() > kTokenBytesMax) return malformed(wording, "holds a token larger than 16 KiB");
  if (is_token(token)) return response;
  return malformed(
      wording,
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
std::optional<base::Error> misfit(std::string_view token_type, TokenUse use,
                                  const Wording& wording) {
  const std::string said =
      token_type.empty()
          ? "has no token_type"
          : "has the token_type \"" + base::printable(token_type, kTokenTypeCharsMax) + "\"";
  if (use == TokenUse::dpop) {
    if (is_dpop(token_type)) return std::nullopt;
    base::Error unbound = malformed(wording, said +
                                                 ", not DPoP: the server did not bind the token "
                                                 "to our key");
    unbound.fix = "turn DPoP on for this client at the provider, or set dpop to false";
    return unbound;
  }
  if (!means_bound(token_type)) return std::nullopt;
  base::Error bound =
      malformed(wording, said + ": such a token is bound to a key and cannot be sent as Bearer");
  if (is_dpop(token_type) && wording.can_bind) {
    bound.fix = base::advice_on(base::Trouble::token_bound);
  }
  return bound;
}

/// Takes the token, and reads what stands beside it. `named` says the end; null if no member of its
/// own does.
base::Result<TokenResponse> take(const Member& token, const json* named, const Wording& wording,
                                 TokenUse use) {
  json& body = *token.holder;
  const std::optional<double> seconds =
      named ? number_in(*named) : number_under(body, kLifetimeNames);
  const std::optional<double> refreshable = number_under(body, kRefreshLifetimeNames);
  TokenResponse response{.access_token = take_secret(body, token.name.c_str()), .expires_in = {}};
  take_secret(body, "access_token");  // another token, which is not meant, is wiped
  for (const char* name : kRefreshTokenNames) take_secret(body, name);
  response.scope = base::printable(text_of(body, "scope"), kScopeCharsMax);
  if (response.access_token.empty()) {
    base::Error absent = malformed(
        wording, "holds no access_token (its members: " + names_of(body) + ")" + reason_in(body));
    absent.fix += ", or set token_member where the token has another name";
    return absent;
  }
  const std::string type = text_of(body, "token_type");
  if (std::optional<base::Error> wrong = misfit(type, use, wording)) return *std::move(wrong);
  if (refreshable && *refreshable > 0) response.refresh_expires_in = bounded(*refreshable);
  if (seconds && epoch(*seconds)) {
    response.expires_at = epoch(*seconds);
  } else if (seconds && *seconds > 0) {
    response.expires_in = bounded(*seconds);
  } else {
    read_end(body, named, response);
    response.lifetime_is_negative = seconds && *seconds < 0;
    response.lifetime_is_zero =
        seconds && *seconds <= 0 && !response.expires_at && !response.expires_in;
  }
  return checked(std::move(response), wording, type);
}

/// The token of any program that we know, or else where a token endpoint would have put it.
Member known_token(json& body) {
  for (const char* name : {"access_token", "accessToken", "AccessToken", "token", "Token"}) {
    const std::string* text = text_member(body, name);
    if (text && !text->empty()) return {&body, name};
  }
  const auto status = body.find("status");  // Kubernetes' ExecCredential
  if (status != body.end() && status->is_object()) return known_token(*status);
  return {&body, AnswerMembers().token};
}

base::Error no_use(const Wording& wording, const char* setting, const std::string& detail) {
  base::Error error = malformed(wording, detail);
  error.fix += " and " + std::string(setting);
  return error;
}

/// nullopt if the member that `setting` names is a text or a number.
std::optional<base::Error> no_value(const json& value, const std::string& path, const char* setting,
                                    const Wording& wording) {
  if (!value.is_structured()) return std::nullopt;
  const std::string detail = value.is_object() ? "holds an object under " + path +
                                                     " (its members: " + names_of(value) + ")"
                                               : "holds an array under " + path;
  return no_use(wording, setting, detail + ", and not a value");
}

/// Returns what a program of Google's prints instead of a token (AIP-4117), for a person.
std::string failure_in(const json& body) {
  constexpr std::size_t kCharsMax = 200;
  const auto success = body.find("success");
  if (success == body.end() || *success != false) return {};
  return base::printable(text_of(body, "message"), kCharsMax);
}

}  // namespace

std::string names_of(const json& body) {
  std::string names;
  for (const auto& [name, value] : body.items()) {
    const bool fits = names.size() + name.size() <= kNamesCharsMax;
    names += (names.empty() ? "" : ", ") + (fits ? base::printable(name, name.size()) : "...");
    if (!fits) break;
  }
  return names.empty() ? "none" : names;
}

bool is_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
}

base::Result<TokenResponse> read_token(json& body, const AnswerMembers& members,
                                       const Wording& wording, TokenUse use) {
  if (members.is_usual()) return take({&body, members.token}, nullptr, wording, use);
  const std::string path = base::printable(members.token, kPathCharsMax);
  const Member token = find_member(body, members.token);
  if (!token.holder) {
    const std::string failed = failure_in(body);
    if (!failed.empty()) return malformed(wording, "says: " + failed);
    return no_use(wording, "token_member",
                  "holds no " + path + " (its members: " + names_of(body) + ")");
  }
  const json& value = (*token.holder)[token.name];
  if (auto wrong = no_value(value, path, "token_member", wording)) return *std::move(wrong);
  if (!value.is_string() || value.get_ref<const std::string&>().empty()) {
    return no_use(wording, "token_member", "holds no text under " + path);
  }
  if (members.expiry == AnswerMembers().expiry) return take(token, nullptr, wording, use);
  const std::string expiry_path = base::printable(members.expiry, kPathCharsMax);
  const Member expiry = find_member(body, members.expiry);
  if (expiry.holder) {
    const json& end = (*expiry.holder)[expiry.name];
    if (auto wrong = no_value(end, expiry_path, "expiry_member", wording)) return *std::move(wrong);
    return take(token, &end, wording, use);
  }
  base::Result<TokenResponse> response = take(token, nullptr, wording, use);
  if (response) {
    response->remark = wording.subject + " holds no " + expiry_path +
                       " (its members: " + names_of(body) + "): check expiry_member";
  }
  return response;
}

base::Result<TokenResponse> parse_token(const base::Secret& text, const AnswerMembers& members,
                                        const Wording& wording) {
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  std::string_view token = text.reveal();
  if (token.starts_with(kByteOrderMark)) token.remove_prefix(kByteOrderMark.size());
  token = without_white(token);
  if (token.starts_with('<')) return malformed(wording, "is a page, not a token");
  if (token.empty() || std::string_view("{[\"").find(token.front()) == std::string_view::npos) {
    base::Secret alone{std::string(without_label(token))};
    return checked({.access_token = std::move(alone), .expires_in = {}}, wording);
  }
  if (base::json_too_deep(token)) return malformed(wording, std::string(base::kJsonTooDeep));
  json body = out_of_list(parse_answer(token));
  if (body.is_string()) {
    json alone{{"access_token", std::move(body)}};
    return take({&alone, "access_token"}, nullptr, wording, TokenUse::bearer);
  }
  if (!body.is_object()) return malformed(wording, "begins like JSON but cannot be parsed");
  if (!members.is_usual() && members.token != ".") {
    return read_token(body, members, wording, TokenUse::bearer);
  }
  return take(known_token(body), nullptr, wording, TokenUse::bearer);
}

}  // namespace bearer::token
