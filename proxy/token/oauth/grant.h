// A grant is the form that it posts, and nothing else. Client authentication comes on top.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "net/task.h"
#include "token/credential.h"
#include "token/oauth/token_form.h"
#include "token/store/refresh_tokens.h"

namespace bearer::token {

/// The grant of `options`, then scope, audience, resource (RFC 8707) and the person's own
/// parameters, which view into `options`:
/// - client_credentials, password, refresh_token: RFC 6749 sections 4.4.2, 4.3.2 and 6
/// - jwt_bearer: RFC 7523 section 2.1, with a ready assertion from a file, or one that is signed
///   here at `now`
/// - token_exchange: RFC 8693 section 2.1; a subject_token that another request gives is not added
/// - other: grant_type as it is, and what the files of the others hold, where they are set
/// What it is made of is read from its file now; a file that will not do is a failure
/// (file_unreadable) that names its setting.
net::Task<base::Result<void>> add_grant(const CredentialOptions& options, base::WallTime now,
                                        RefreshTokens& refresh_tokens, TokenForm& form);

}  // namespace bearer::token
