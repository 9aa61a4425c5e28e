// A token for a command that wants one, and then ends.
#pragma once

#include "base/result.h"
#include "token/credential.h"
#include "token/fetcher.h"

namespace bearer::app {

/// token::fetch_once(), of a process that has no other threads. A signal that ends the process
/// meanwhile ends what the fetch has started first: a token command is in a process group of its
/// own, to which neither a terminal nor a supervisor sends it.
base::Result<token::Fetched> fetch_token(const token::CredentialOptions& options);

}  // namespace bearer::app
