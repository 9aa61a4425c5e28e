// A token for a command that wants one and then ends, and the command `token`.
#pragma once

#include <functional>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "config/settings.h"
#include "token/credential.h"
#include "token/fetcher.h"

namespace bearer::app {

/// Gets a token: token::fetch_once(), except in tests.
using FetchToken = std::function<base::Result<token::Fetched>(const token::CredentialOptions&)>;

/// The credential whose token is meant where only one is asked for: the first route's.
const token::CredentialOptions& main_credential(const config::Settings& settings);

/// Prints one token and a newline to stdout, nothing else; answers with an exit status.
int print_token(const config::Settings& settings, const FetchToken& fetch);

/// A token within `patience`, for a process that has no other threads; faults that may pass are
/// waited out, what a provider needs time to know included. A signal that
/// ends the process meanwhile ends what the fetch has started first: a token command is in a
/// process group of its own, to which neither a terminal nor a supervisor sends it.
base::Result<token::Fetched> fetch_token(token::CredentialOptions options, base::Duration patience);

/// The longest that a route waits for a token of the credential of that name.
base::Duration token_wait(const config::Settings& settings, std::string_view credential);

}  // namespace bearer::app
