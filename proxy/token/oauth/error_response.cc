#include "token/oauth/error_response.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

#include "base/advice.h"
#include "base/text.h"
#include "token/json.h"
#include "token/oauth/passing_error.h"

namespace bearer::token {
namespace {

using base::Errc;

struct Fix {
  std::string_view error;
  std::string_view fix;
};

constexpr std::string_view kProof = "{}";  // the setting of the client's proof

constexpr std::array kFixes{
    Fix{"invalid_client", "check client_id, {}, and auth_method"},
    Fix{"unauthorized_client", "allow this client the grant at the provider, or check client_id"},
    Fix{"invalid_grant",
        "check client_id, grant and what it is made of: a refresh token or an assertion that has "
        "ended needs a new one"},
    Fix{"invalid_scope", "check scope: the provider does not grant it to this client"},
    Fix{"unsupported_grant_type", "check token_url and grant"},
    Fix{"invalid_request", "check token_url, auth_method, scope, audience and token_param"},
    Fix{"invalid_target", "check audience and resource"},
};
constexpr std::size_t kErrorCharsMax = 60;
constexpr std::size_t kReadCharsMax = 1000;  // of a description: what it advises stands at its end
constexpr std::string_view kFixOther = "check client_id, {}, scope and auth_method";

struct OAuthError {
  std::string error;
  std::string description;
  bool says_error = false;  ///< `error` is OAuth's
  std::optional<base::Duration> wait = {};
};

/// The first of the members' texts that is not empty. A gateway in front of the endpoint gives its
/// reason under another name, also one level deeper.
std::string first_text(const nlohmann::json& body, std::initializer_list<const char*> names,
                       std::size_t chars_max) {
  for (const char* name : names) {
    const std::string* text = text_member(body, name);
    if (text && !text->empty()) return base::printable(*text, chars_max);
  }
  return {};
}

constexpr auto kDescriptions = {
    "error_description", "message", "error_message", "errorMessage", "faultstring", "errorSummary",
    "description",       "detail",  "title",         "msg",          "errmsg"};

std::string description_in(const nlohmann::json& body) {
  std::string found = first_text(body, kDescriptions, kReadCharsMax);
  for (const char* name : {"error", "errors", "fault"}) {
    auto deeper = body.find(name);
    if (!found.empty() || deeper == body.end()) continue;
    const nlohmann::json& one = deeper->is_array() && !deeper->empty() ? deeper->front() : *deeper;
    if (one.is_object()) found = first_text(one, kDescriptions, kReadCharsMax);
    if (one.is_string() && std::string_view(name) == "errors") {
      found = base::printable(one.get_ref<const std::string&>(), kReadCharsMax);
    }
  }
  return found;
}

/// The wait in seconds that some name in the body, as Discord does.
std::optional<base::Duration> wait_in(const nlohmann::json& body) {
  using Seconds = std::chrono::duration<double>;
  constexpr Seconds kMax = std::chrono::years(1);
  for (const char* name : {"retry_after", "retryAfter", "retry_after_seconds"}) {
    const auto found = body.find(name);
    if (found == body.end() || !found->is_number()) continue;
    const Seconds wait(found->get<double>());
    if (wait > Seconds::zero()) {
      return std::chrono::duration_cast<base::Duration>(std::min(wait, kMax));
    }
  }
  return std::nullopt;
}

OAuthError oauth_error(const Answer& answer) {
  const auto whole = parse_answer(answer.body.reveal());
  // Salesforce's API answers with a list.
  const auto& body = whole.is_array() && !whole.empty() ? whole.front() : whole;
  if (!body.is_object()) return {};
  OAuthError said{first_text(body, {"error"}, kErrorCharsMax), description_in(body)};
  said.wait = wait_in(body);
  said.says_error = !said.error.empty();
  if (said.says_error) return said;
  // Okta's may be one of OAuth's names or a number of its own.
  said.error = first_text(body, {"errorCode", "error_code", "code"}, kErrorCharsMax);
  said.says_error = std::ranges::find(kFixes, said.error, &Fix::error) != kFixes.end();
  return said;
}

std::string fix_for(std::string_view error, std::string_view proof) {
  if (error == "use_dpop_nonce" || error == "invalid_dpop_proof") {
    return base::advice_on(base::Trouble::dpop_wanted);
  }
  const auto* row = std::find_if(kFixes.begin(), kFixes.end(),
                                 [&](const Fix& fix) { return fix.error == error; });
  std::string fix(row == kFixes.end() ? kFixOther : row->fix);
  const std::size_t place = fix.find(kProof);
  if (place != fix.npos) fix.replace(place, kProof.size(), proof);
  return fix;
}

std::string sentence(const Answer& answer, const OAuthError& oauth) {
  std::string text = "the token endpoint answered " + std::to_string(answer.status);
  if (!oauth.error.empty()) text += " " + oauth.error;
  if (!oauth.description.empty()) {
    text += " (" + base::printable(oauth.description, kDescriptionCharsMax) + ")";
  }
  return text;
}

bool says_rate_limit(const Answer& answer) {
  constexpr std::string_view kWords = "rate limit exceeded";
  const std::string_view body = answer.body.reveal();
  return std::search(body.begin(), body.end(), kWords.begin(), kWords.end(),
                     [](char a, char b) { return base::lower(a) == b; }) != body.end();
}

Passing passing_of(const Answer& answer, const OAuthError& oauth) {
  return passing({oauth.error, oauth.description, answer.retry_after || oauth.wait});
}

Errc code_for(const Answer& answer, const OAuthError& oauth) {
  const int status = answer.status;
  // Some servers send an error with 200. Any other status says nothing of the credential: a
  // framework's page for a 404 has an `error`, too.
  const bool may_reject = status / 100 == 2 || status == 400 || status == 401 || status == 403;
  const bool names_rate = (status == 400 || status == 403) && says_rate_limit(answer);
  if (status == 429 || names_rate) return Errc::token_rate_limited;
  // A metadata server answers 410 while it is updated.
  if (status >= 500 || status == 408 || status == 410) return Errc::token_server_error;
  switch (status / 100 == 3 ? Passing::never : passing_of(answer, oauth)) {
    case Passing::rate_limit: return Errc::token_rate_limited;
    case Passing::fault:
    case Passing::eventual: return Errc::token_server_error;
    case Passing::never: break;
  }
  if (!may_reject) return Errc::token_malformed;
  if (oauth.error == "unauthorized_client") return Errc::token_unauthorized;
  if (status == 401) return Errc::token_rejected;
  return !oauth.says_error ? Errc::token_malformed : Errc::token_rejected;
}

}  // namespace

std::string shown_content_type(const Answer& answer) {
  return answer.content_type.empty() ? "none" : base::printable(answer.content_type, 100);
}

base::Error without_credential(base::Error failure, const Answer& answer) {
  if (answer.status / 100 != 4) return failure;
  if (answer.status == 404) failure.code = Errc::token_server_error;
  if (failure.code == Errc::token_rate_limited) return failure;
  failure.fix =
      "check that the platform gives this machine or workload the identity that is asked for "
      "(client_id, scope, audience, resource), and token_url";
  return failure;
}

base::Error classify_error(const Answer& answer, std::string_view proof) {
  const OAuthError oauth = oauth_error(answer);
  base::Error failure{code_for(answer, oauth), sentence(answer, oauth), {}, answer.retry_after};
  if (!failure.retry_after) failure.retry_after = oauth.wait;
  switch (failure.code) {
    case Errc::token_rejected:
    case Errc::token_unauthorized: failure.fix = fix_for(oauth.error, proof); break;
    case Errc::token_malformed:
      if (answer.status / 100 == 2 && !oauth.description.empty()) {
        failure.fix = fix_for(oauth.error, proof);
        break;
      }
      failure.detail += " with content type " + shown_content_type(answer);
      if (answer.status / 100 == 3) failure.detail += ", a redirect, which is not followed";
      failure.fix = "check token_url";
      if (answer.status == 405) failure.fix += ": this address takes no POST";
      break;
    default:  // it passes by itself
      if (passing_of(answer, oauth) != Passing::eventual) break;
      failure.fix = "if it was set up a moment ago, wait; otherwise ";
      failure.fix += fix_for(oauth.error, proof);
      break;
  }
  return failure;
}

}  // namespace bearer::token
