// Reads a token endpoint's response (RFC 6749 section 5). Pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "token/answer_members.h"
#include "token/credential.h"
#include "token/oauth/endpoint.h"
#include "token/token_response.h"

namespace bearer::token {

/// Any 2xx with a token counts, and is read by read_token(). Without a token the failure is
/// classify_error()'s with `proof`. `attributes` names members to keep beside it.
base::Result<TokenResponse> parse_response(const Answer& answer,
                                           const std::vector<std::string>& attributes,
                                           const AnswerMembers& members, TokenUse use,
                                           std::string_view proof);

/// True if the server wants another proof, with the answer's nonce (RFC 9449 section 8).
bool wants_nonce(const Answer& answer);

/// The refresh token that came with a 2xx (RFC 6749 section 6), whatever else is wrong with the
/// answer: the old one may be worth nothing from now on. It is at the top, or beside a nested
/// token, as `refresh_token` or `refreshToken`. Empty if there is none.
base::Secret rotated_refresh_token(const Answer& answer, const AnswerMembers& members);

}  // namespace bearer::token
