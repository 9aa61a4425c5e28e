// How the client proves to the token endpoint who it is (RFC 6749 section 2.3.1). Goes with any
// grant.
#pragma once

#include <vector>

#include "base/secret.h"
#include "http/form.h"
#include "token/credential.h"

namespace bearer::token {

/// Returns the Authorization field's value, empty where there is none, or appends to `form` what
/// the method puts there. The appended fields view into `options` and `client_secret`.
base::Secret authenticate_client(const CredentialOptions& options,
                                 const base::Secret& client_secret,
                                 std::vector<http::FormField>& form);

}  // namespace bearer::token
