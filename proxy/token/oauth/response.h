// Reads a token endpoint's answer (RFC 6749 section 5). Pure.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "token/answer_members.h"
#include "token/oauth/endpoint.h"
#include "token/token_response.h"

namespace bearer::token {

/// Any 2xx with a token counts; what is taken of it, read_token() says. Without a token the failure
/// is classify_error()'s. `attributes` names members to keep beside it.
base::Result<TokenResponse> parse_response(const Answer& answer,
                                           const std::vector<std::string>& attributes = {},
                                           const AnswerMembers& members = {},
                                           TokenUse use = TokenUse::bearer);

/// The server wants another proof, with the nonce that the answer brought (RFC 9449 section 8).
bool wants_nonce(const Answer& answer);

/// The refresh token that came with a 2xx (RFC 6749 section 6), whatever else is wrong with the
/// answer: the old one may be worth nothing from now on. At the top, or beside a token that is
/// nested. Empty if there is none.
base::Secret rotated_refresh_token(const Answer& answer, const AnswerMembers& members = {});

}  // namespace bearer::token
