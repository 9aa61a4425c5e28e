// Makes the source of a credential's tokens from its settings.
#pragma once

#include <memory>
#include <stop_token>

#include "base/clock.h"
#include "base/result.h"
#include "base/shared.h"
#include "token/control_loop.h"
#include "token/credential.h"
#include "token/fetcher.h"
#include "token/refresh/token_refresher.h"

namespace bearer::token {

/// Returns a source that begins to fetch at once, on `control`, which outlives it. It is a
/// refresher, so that its owner can call refresh_now(); the data plane sees a Source.
std::unique_ptr<TokenRefresher> make_source(const base::Shared<CredentialOptions>& options,
                                            ControlLoop& control);

/// Checks that the trusted certificates can be loaded; our own may come while the proxy runs.
/// Errc::file_unreadable with a sentence that names credential and setting.
base::Result<void> check_certificates(const CredentialOptions& options);

/// Fetches one token, once, on the calling thread, within the timeouts of `options`. If a stop of
/// `ended` is requested, it fails soon, and a command that it has started is gone when it returns.
/// The error's detail is one line for a person: what happened, and the setting to look at.
base::Result<Fetched> fetch_once(const base::Shared<CredentialOptions>& options,
                                 const base::Clock& clock = base::system_clock(),
                                 std::stop_token ended = {});

}  // namespace bearer::token
