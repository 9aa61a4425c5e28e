// Interprets an answer without a token: what it means for the next try, and which setting it points
// at (RFC 6749 section 5.2). Pure functions.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"
#include "token/credential.h"
#include "token/oauth/endpoint.h"

namespace bearer::token {

inline constexpr std::size_t kDescriptionCharsMax = 200;  ///< of error_description that is shown

/// token_rejected: the server does not accept this client, secret or scope. token_unauthorized: it
/// says unauthorized_client, which passes if the client's grant was allowed a moment ago.
/// token_rate_limited: 429, a 400 or 403 that says "rate limit exceeded", or another error that is
/// Passing::rate_limit. token_server_error: 5xx, 408, 410, or an error that passes by itself (see
/// passing()), with any status but a redirect's. token_malformed: anything else, such as a
/// redirect, a 404, or a firewall's 403. With a status other than 400, 401, 403 and 2xx, an `error`
/// is no rejection. Only `error`, `error_description` and what others say in their place are ever
/// shown from the body, because the rest could hold a secret. `proof` is
/// CredentialOptions::proof_setting(). A wait is the Retry-After's, or else that of the body.
base::Error classify_error(const Answer& answer, std::string_view proof);

/// Corrects classify_error() for an endpoint that is sent no credential, such as a platform's
/// metadata server. There is none to check, and a 404 passes: such servers say so while they are
/// updated, or while an identity is assigned (Azure's guidance on retries for IMDS).
base::Error without_credential(base::Error failure, const Answer& answer);

/// For use in a sentence: printable and bounded, or "none".
std::string shown_content_type(const Answer& answer);

}  // namespace bearer::token
