#include "token/oauth/response.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/text.h"
#include "base/utf8.h"
#include "token/json.h"
#include "token/oauth/error_response.h"

namespace bearer::token {
namespace {

using nlohmann::json;

bool success(const Answer& answer) {
  return answer.status / 100 == 2;
}

/// The answer's object, also one that stands alone in a list. Anything else is as it came.
json object_in(const Answer& answer) {
  return out_of_list(parse_answer(answer.body.reveal()));
}

/// True if a 2xx says that there is no token, in one of the ways of servers.
bool says_failure(const json& body) {
  const auto is_any = [&](const char* name, const json& any_of) {
    const auto found = body.find(name);
    return found != body.end() && std::ranges::find(any_of, *found) != any_of.end();
  };
  const auto is_given = [&](const char* name) {
    const auto found = body.find(name);
    const bool empty = found == body.end() || found->empty();  // null, [] and {} are
    return !empty && !is_any(name, json::array({""}));
  };
  return is_given("error") || is_given("errors") || is_any("success", json::array({false})) ||
         is_any("ok", json::array({false})) ||
         is_any("status", json::array({"error", "failure", "failed"}));
}

base::Secret take_refresh_token(json& object) {
  base::Secret found;
  for (const char* name : kRefreshTokenNames) {
    base::Secret token = take_secret(object, name);
    if (found.empty()) found = std::move(token);
  }
  return found;
}

/// True if the answer is not UTF-8, and its refresh token is among the reasons. What was read in
/// its place is not what the server gave.
bool garbles_refresh_token(const Answer& answer, json& body, const AnswerMembers& members) {
  if (base::is_utf8(answer.body.reveal())) return false;
  const auto garbled = [](const json& object) {
    return std::ranges::any_of(kRefreshTokenNames, [&](const char* name) {
      const std::string* text = text_member(object, name);
      return text != nullptr && !text->empty() && !is_token(*text);
    });
  };
  return garbled(body) || garbled(around(body, members.token));
}

}  // namespace

base::Result<TokenResponse> parse_response(const Answer& answer,
                                           const std::vector<std::string>& attributes,
                                           const AnswerMembers& members, TokenUse use,
                                           std::string_view proof) {
  if (!success(answer)) return classify_error(answer, proof);
  const Wording wording{"the token endpoint's answer", "check token_url", /*can_bind=*/true};
  if (members.token == "." && use == TokenUse::dpop) {
    return base::Error{base::Errc::token_malformed,
                       "a token alone does not say that it is bound to our key",
                       "set dpop to false, or token_member to where the token is"};
  }
  if (members.token == ".") return parse_token(answer.body, members, wording);
  json body = object_in(answer);
  if (!body.is_object()) {
    const bool too_deep = base::json_too_deep(answer.body.reveal());
    const std::string what = too_deep
                                 ? std::string(base::kJsonTooDeep)
                                 : "is not a JSON object (status " + std::to_string(answer.status) +
                                       ", content type " + shown_content_type(answer) + ")";
    return base::Error{base::Errc::token_malformed, wording.subject + " " + what, wording.fix};
  }
  if (garbles_refresh_token(answer, body, members)) {
    return base::Error{base::Errc::token_malformed,
                       wording.subject + " holds a refresh token that is not UTF-8", wording.fix};
  }
  // Some servers send an error with 200.
  const std::string* token = text_at(body, members.token);
  const bool absent = token == nullptr || token->empty();
  if (absent && says_failure(body)) return classify_error(answer, proof);
  base::Result<TokenResponse> response = read_token(body, members, wording, use);
  if (!response) return response;
  for (const std::string& name : attributes) {
    const std::string* text = text_member(body, name.c_str());
    if (text) response->attributes[name] = base::printable(*text, kAttributeCharsMax);
  }
  return response;
}

bool wants_nonce(const Answer& answer) {
  if (answer.dpop_nonce.empty() || answer.status / 100 != 4) return false;
  const json body = object_in(answer);
  return body.is_object() && text_of(body, "error") == "use_dpop_nonce";
}

base::Secret rotated_refresh_token(const Answer& answer, const AnswerMembers& members) {
  if (!success(answer)) return base::Secret();
  json body = object_in(answer);
  if (!body.is_object() || garbles_refresh_token(answer, body, members)) return base::Secret();
  base::Secret top = take_refresh_token(body);
  return top.empty() ? take_refresh_token(around(body, members.token)) : top;
}

}  // namespace bearer::token
