#include "token/oauth/error_response.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string_view>

#include "base/printable.h"
#include "base/text.h"
#include "token/json.h"

namespace bearer::token {
namespace {

using base::Errc;

struct Mend {
  std::string_view error;
  std::string_view fix;
};

constexpr std::array kMends{
    Mend{"invalid_client",
         "check client_id, client_secret_file or BEARER_PROXY_CLIENT_SECRET, and auth_method"},
    Mend{"unauthorized_client", "allow this client the grant at the provider, or check client_id"},
    Mend{"invalid_grant",
         "check client_id, grant and what it is made of: a refresh token or an assertion that has "
         "ended must be had anew"},
    Mend{"invalid_scope", "check scope: the provider does not grant it to this client"},
    Mend{"unsupported_grant_type", "check token_url and grant"},
    Mend{"invalid_request", "check token_url, auth_method, scope, audience and token_param"},
    Mend{"invalid_target", "check audience and resource"},
};
constexpr std::string_view kMendOther =
    "check client_id, client_secret_file, scope and auth_method";

struct OAuthError {
  std::string error;
  std::string description;
};

OAuthError oauth_error(const Answer& answer) {
  const auto body = parse_json(answer.body.reveal());
  OAuthError found;
  if (!body.is_object()) return found;
  const auto text = [&](const char* name, std::size_t chars_max) {
    const std::string* value = text_member(body, name);
    return value ? printable(*value, chars_max) : std::string();
  };
  found.error = text("error", 60);
  found.description = text("error_description", kDescriptionCharsMax);
  return found;
}

std::string_view mend_for(std::string_view error) {
  const auto* row = std::find_if(kMends.begin(), kMends.end(),
                                 [&](const Mend& fix) { return fix.error == error; });
  return row == kMends.end() ? kMendOther : row->fix;
}

std::string sentence(const Answer& answer, const OAuthError& oauth) {
  std::string text = "the token endpoint answered " + std::to_string(answer.status);
  if (!oauth.error.empty()) text += " " + oauth.error;
  if (!oauth.description.empty()) text += " (" + oauth.description + ")";
  return text;
}

bool says_rate_limit(const Answer& answer) {
  constexpr std::string_view kWords = "rate limit exceeded";
  const std::string_view body = answer.body.reveal();
  return std::search(body.begin(), body.end(), kWords.begin(), kWords.end(),
                     [](char a, char b) { return base::lower(a) == b; }) != body.end();
}

/// Errors that pass by themselves (RFC 6749 section 4.1.2.1 names them, some token endpoints send
/// them).
bool transient(std::string_view error) {
  return error == "server_error" || error == "temporarily_unavailable" || error == "slow_down";
}

Errc code_for(const Answer& answer, const OAuthError& oauth) {
  const int status = answer.status;
  if (status == 429 || (status == 400 && says_rate_limit(answer))) return Errc::token_rate_limited;
  if (status >= 500 || status == 408 || transient(oauth.error)) return Errc::token_server_error;
  if (status == 401) return Errc::token_rejected;
  return oauth.error.empty() ? Errc::token_malformed : Errc::token_rejected;
}

}  // namespace

std::string shown_content_type(const Answer& answer) {
  return answer.content_type.empty() ? "none" : printable(answer.content_type, 100);
}

base::Error classify_error(const Answer& answer) {
  const OAuthError oauth = oauth_error(answer);
  base::Error failure{code_for(answer, oauth), sentence(answer, oauth), {}, answer.retry_after};
  switch (failure.code) {
    case Errc::token_rejected: failure.fix = mend_for(oauth.error); break;
    case Errc::token_malformed:
      failure.detail += " with content type " + shown_content_type(answer);
      if (answer.status / 100 == 3) failure.detail += ", a redirect, which is not followed";
      failure.fix = "check token_url";
      break;
    default: break;  // it passes by itself
  }
  return failure;
}

}  // namespace bearer::token
