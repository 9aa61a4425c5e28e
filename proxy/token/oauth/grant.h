// Writes a grant into the token request's form. Client authentication is added separately.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "token/credential.h"
#include "token/oauth/token_form.h"
#include "token/store/refresh_tokens.h"

namespace bearer::token {

/// Adds the grant of `options`, then scope, audience, resource (RFC 8707) and the configured
/// parameters, which are views into `options`:
/// - client_credentials, password, refresh_token: RFC 6749 sections 4.4.2, 4.3.2 and 6
/// - jwt_bearer: RFC 7523 section 2.1, with a ready assertion from a file, or one that is
///   signed here at `now`
/// - token_exchange: RFC 8693 section 2.1; a subject_token from another request is not added
/// - other: grant_type as it is, and the content of the others' files that are set
/// Files are read now; an unusable one is a failure (file_unreadable) that names its setting.
base::Result<void> add_grant(const CredentialOptions& options, base::WallTime now,
                             RefreshTokens& refresh_tokens, TokenForm& form);

}  // namespace bearer::token
