// Makes the assertion of a jwt_bearer grant if we sign it ourselves.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"
#include "token/credential.h"

namespace bearer::token {

/// With `service_account_file`, it is that of a Google service account, from the key file as
/// downloaded; `username`, if given, is the user it acts for. Otherwise it is the client's own
/// about `username`, signed with `client_key_file`. Both are for assertion_audience(); the service
/// account's default is the file's token_uri, and an `audience` requests an ID token for it.
/// Failures (file_unreadable) name the setting.
base::Result<base::Secret> self_signed_assertion(const CredentialOptions& options,
                                                 base::WallTime now);

}  // namespace bearer::token
