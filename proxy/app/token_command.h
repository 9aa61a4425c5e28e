// The command `token`.
#pragma once

#include <functional>

#include "base/result.h"
#include "config/settings.h"
#include "token/fetcher.h"

namespace bearer::app {

/// How a token is got: token::fetch_once(), but for tests.
using FetchToken = std::function<base::Result<token::Fetched>(const token::CredentialOptions&)>;

/// The credential whose token is meant where only one is asked for: the first route's.
const token::CredentialOptions& main_credential(const config::Settings& settings);

/// Prints one token and a newline to stdout, nothing else; answers with an exit status.
int print_token(const config::Settings& settings, const FetchToken& fetch);

}  // namespace bearer::app
