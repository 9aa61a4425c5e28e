// Makes the identity that distinguishes a credential from every other one in a store.
#pragma once

#include <string>

#include "token/credential.h"

namespace bearer::token {

/// `NAME-` and 32 hex digits: a digest of all that decides which token is issued: by which
/// endpoint, to whom, on whose behalf, and for what. So two configurations share a token only if
/// both would have got the same one. A client's secret or key may change without making another
/// client. The fields that are sent count with their values, since they may name a tenant. For a
/// grant's files the paths count, because their content changes. A pipe's content is not known, so
/// a credential with one has an identity that no other has. `key_thumbprint` is that of the key
/// that the tokens are bound to (RFC 7638), since they are worth nothing with another key. Empty:
/// they are not bound.
std::string store_identity(const CredentialOptions& options,
                           const std::string& key_thumbprint = {});

}  // namespace bearer::token
