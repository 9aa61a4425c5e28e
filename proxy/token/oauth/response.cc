#include "token/oauth/response.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "base/printable.h"
#include "base/text.h"
#include "token/expiry.h"
#include "token/json_document.h"
#include "token/json_member.h"
#include "token/oauth/error_response.h"

namespace bearer::token {
namespace {

using nlohmann::json;

bool is_b64_char(char c) {
  const char l = base::lower(c);
  return (l >= 'a' && l <= 'z') || base::is_digit(c) ||
         std::string_view("-._~+/").find(c) != std::string_view::npos;
}

std::optional<double> number_in(const json& value) {
  if (value.is_number()) return value.get<double>();
  if (!value.is_string()) return std::nullopt;
  const std::string_view text = base::trim(value.get_ref<const std::string&>());
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

/// nullopt where it is not given, or no number.
std::optional<double> expires_in(const json& body) {
  const auto found = body.find("expires_in");
  return found == body.end() ? std::nullopt : number_in(*found);
}

std::optional<base::Duration> lifetime(std::optional<double> expires_in) {
  if (!expires_in || !(*expires_in > 0)) return std::nullopt;  // NaN is not over 0 either
  const double seconds = std::min(*expires_in, std::chrono::duration<double>(kLifetimeMax).count());
  return std::chrono::duration_cast<base::Duration>(std::chrono::duration<double>(seconds));
}

base::Error malformed(const Origin& origin, const std::string& detail) {
  return {base::Errc::token_malformed, origin.subject + " " + detail, origin.fix};
}

base::Error too_deep(const Origin& origin) {
  return malformed(origin, std::string(base::kJsonTooDeep));
}

base::Result<TokenResponse> checked(TokenResponse response, const Origin& origin) {
  if (response.access_token.empty()) return malformed(origin, "holds no access_token");
  if (response.access_token.reveal().size() > kTokenBytesMax) {
    return malformed(origin, "holds a token larger than 16 KiB");
  }
  if (!is_b64token(response.access_token.reveal())) {
    return malformed(origin, "holds a token with characters that RFC 6750 does not allow");
  }
  return response;
}

base::Result<TokenResponse> read_token(json& body, const Origin& origin) {
  const std::optional<double> seconds = expires_in(body);
  TokenResponse response{take_secret(body, "access_token"), lifetime(seconds),
                         printable(text_of(body, "scope"), kScopeCharsMax)};
  take_secret(body, "refresh_token");  // so that it is wiped
  const std::string type = text_of(body, "token_type");
  if (!response.access_token.empty() && !type.empty() && !base::iequals(type, "Bearer")) {
    return malformed(origin, "has the token_type \"" + printable(type, 40) + "\", not Bearer");
  }
  // Taken for one that does not say, it would last an hour.
  if (seconds && *seconds < 0) {
    return malformed(origin, "says that its token has ended already (expires_in is negative)");
  }
  return checked(std::move(response), origin);
}

}  // namespace

bool is_b64token(std::string_view text) {
  const auto end = text.find_last_not_of('=');
  if (end == std::string_view::npos) return false;
  return std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(end) + 1,
                     is_b64_char);
}

base::Result<TokenResponse> parse_response(const Answer& answer,
                                           const std::string& upstream_member) {
  if (answer.status != 200) return classify_error(answer);
  const Origin origin{"the token endpoint's answer", "check token_url"};
  json body = parse_json(answer.body.reveal());
  if (!body.is_object()) {
    if (base::json_too_deep(answer.body.reveal())) return too_deep(origin);
    return malformed(origin, "is not a JSON object (status 200, content type " +
                                 shown_content_type(answer) + ")");
  }
  // Some servers answer an error with 200.
  if (body.contains("error") && !body.contains("access_token")) return classify_error(answer);
  base::Result<TokenResponse> response = read_token(body, origin);
  if (response && !upstream_member.empty()) {
    response->upstream = printable(text_of(body, upstream_member.c_str()), kUpstreamCharsMax);
  }
  return response;
}

base::Result<TokenResponse> parse_token(const base::Secret& text, const Origin& origin) {
  constexpr std::string_view kWhite = " \t\r\n";
  std::string_view token = text.reveal();
  token.remove_prefix(std::min(token.find_first_not_of(kWhite), token.size()));
  token = token.substr(0, token.find_last_not_of(kWhite) + 1);
  if (!token.starts_with('{')) {
    return checked({base::Secret(std::string(token)), std::nullopt, {}}, origin);
  }
  json body = parse_json(token);
  if (base::json_too_deep(token)) return too_deep(origin);
  if (!body.is_object()) return malformed(origin, "begins like JSON but cannot be parsed");
  return read_token(body, origin);
}

base::Secret rotated_refresh_token(const Answer& answer) {
  if (answer.status != 200) return base::Secret();
  json body = parse_json(answer.body.reveal());
  return body.is_object() ? take_secret(body, "refresh_token") : base::Secret();
}

}  // namespace bearer::token
