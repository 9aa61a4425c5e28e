// An identity tells a credential from every other one of a store.
#pragma once

#include <string>

#include "token/credential.h"

namespace bearer::token {

/// `NAME-` and 32 hex digits, a digest of all that decides which token is got: where it is asked
/// for, by whom, on whose behalf, and what for. So two configurations share a token only if both
/// would have got the same one. A secret may change without its being another client; of a grant's
/// files it is the paths that count, for what is in them changes. `key_thumbprint` is of the key
/// that the tokens are bound to (RFC 7638): with another key they are worth nothing. Empty: they
/// are not bound.
std::string store_identity(const CredentialOptions& options,
                           const std::string& key_thumbprint = {});

}  // namespace bearer::token
