// A grant is the form that it posts, and nothing else (RFC 6749 section 4).
#pragma once

#include <vector>

#include "http/form.h"
#include "token/credential.h"

namespace bearer::token {

/// RFC 6749 section 4.4.2, with audience, resource (RFC 8707) and the person's own parameters.
/// Client authentication comes on top. Views into `options`.
std::vector<http::FormField> client_credentials(const CredentialOptions& options);

}  // namespace bearer::token
