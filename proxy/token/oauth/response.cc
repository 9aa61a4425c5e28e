#include "token/oauth/response.h"

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "token/json.h"
#include "token/oauth/error_response.h"

namespace bearer::token {
namespace {

using nlohmann::json;

bool success(const Answer& answer) {
  return answer.status / 100 == 2;
}

}  // namespace

base::Result<TokenResponse> parse_response(const Answer& answer,
                                           const std::vector<std::string>& attributes,
                                           TokenUse use) {
  if (!success(answer)) return classify_error(answer);
  const Origin origin{"the token endpoint's answer", "check token_url", /*can_bind=*/true};
  json body = parse_json(answer.body.reveal());
  if (!body.is_object()) {
    const bool too_deep = base::json_too_deep(answer.body.reveal());
    const std::string what = too_deep
                                 ? std::string(base::kJsonTooDeep)
                                 : "is not a JSON object (status " + std::to_string(answer.status) +
                                       ", content type " + shown_content_type(answer) + ")";
    return base::Error{base::Errc::token_malformed, origin.subject + " " + what, origin.fix};
  }
  // Some servers answer an error with 200.
  if (body.contains("error") && !text_member(body, "access_token")) return classify_error(answer);
  base::Result<TokenResponse> response = read_token(body, TokenMembers::access_token, origin, use);
  if (!response) return response;
  for (const std::string& name : attributes) {
    const std::string* text = text_member(body, name.c_str());
    if (text) response->attributes[name] = base::printable(*text, kAttributeCharsMax);
  }
  return response;
}

bool wants_nonce(const Answer& answer) {
  if (answer.dpop_nonce.empty() || answer.status / 100 != 4) return false;
  const json body = parse_json(answer.body.reveal());
  return body.is_object() && text_of(body, "error") == "use_dpop_nonce";
}

base::Secret rotated_refresh_token(const Answer& answer) {
  if (!success(answer)) return base::Secret();
  json body = parse_json(answer.body.reveal());
  return body.is_object() ? take_secret(body, "refresh_token") : base::Secret();
}

}  // namespace bearer::token
