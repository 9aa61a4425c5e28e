// Looks at the start into the files that a credential is given.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "token/credential.h"

namespace bearer::token {

/// Checks that the client's secret or key, a service account's key file and the file of fields can
/// be used as they are now. Files that another program rotates (assertions, tokens) may still be
/// blank, and pipes are not read, because a start does not wait for their writers.
/// Errc::file_unreadable with a sentence that names file and setting.
base::Result<void> check_given_files(const CredentialOptions& options);

}  // namespace bearer::token
