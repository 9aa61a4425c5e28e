// Authenticates the client to the token endpoint (RFC 6749 section 2.3, OpenID Connect Core section
// 9, RFC 7523 section 2.2, RFC 8705 section 2). Works with any grant.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"
#include "token/credential.h"
#include "token/oauth/token_form.h"

namespace bearer::token {

/// Reads it from its file, or takes it from the environment.
base::Result<base::Secret> client_secret(const CredentialOptions& options);

/// The value of an Authorization field (RFC 6750 section 2.1).
base::Secret bearer(std::string_view token);

/// Returns the Authorization field's value, empty if there is none, and adds the method's
/// parameters to `form`. Each call signs a new assertion. Secret, key and certificate are read from
/// their files now; an unusable one is a failure (file_unreadable) that names its setting. With
/// tls_client_auth the connection itself is the proof, and only the id is sent.
base::Result<base::Secret> authenticate_client(const CredentialOptions& options, base::WallTime now,
                                               TokenForm& form);

}  // namespace bearer::token
