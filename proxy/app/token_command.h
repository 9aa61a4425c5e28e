// Fetches a token for a command that needs one and then ends; the command `token`.
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

/// Prints one token of that credential, which is one of the settings', and a newline to stdout,
/// nothing else. Returns an exit status.
int print_token(const config::Settings& settings, std::string_view name, const FetchToken& fetch);

/// Fetches a token within `patience`, for a process that has no other threads. Faults that may pass
/// are waited out, also while a provider does not know a new client yet. A signal that ends the
/// process first ends what the fetch has started: a token command is in a process group of its own,
/// which gets the signal from neither a terminal nor a supervisor.
base::Result<token::Fetched> fetch_token(token::CredentialOptions options, base::Duration patience);

/// The longest time that a route waits for a token of the credential with that name.
base::Duration token_wait(const config::Settings& settings, std::string_view credential);

}  // namespace bearer::app
