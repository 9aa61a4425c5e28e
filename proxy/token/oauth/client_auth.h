// How the client proves to the token endpoint who it is (RFC 6749 section 2.3, OpenID Connect Core
// section 9, RFC 7523 section 2.2, RFC 8705 section 2). Goes with any grant.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"
#include "token/credential.h"
#include "token/oauth/token_form.h"

namespace bearer::token {

/// From its file or from the environment.
base::Result<base::Secret> client_secret(const CredentialOptions& options);

/// An Authorization field's value (RFC 6750 section 2.1).
base::Secret bearer(std::string_view token);

/// Returns the Authorization field's value, empty where there is none, and adds to `form` what the
/// method puts there. A signed assertion is made anew by each call. Secret, key and certificate are
/// read from their files now; one that will not do is a failure (file_unreadable) that names its
/// setting. For tls_client_auth the connection itself is the proof: only the id is told.
base::Result<base::Secret> authenticate_client(const CredentialOptions& options, base::WallTime now,
                                               TokenForm& form);

}  // namespace bearer::token
