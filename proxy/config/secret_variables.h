// Finds the environment variables that hold secrets of a configuration. A program that the proxy
// runs does not get them.
#pragma once

#include <string>
#include <vector>

#include "config/file.h"

namespace bearer::config {

/// Adds those of one credential: BEARER_PROXY_* with a secret, `client_secret_env`, and the
/// variable of the credential's preset, even if the secret is given in another way.
void add_secret_variables(const Block& credential, std::vector<std::string>& variables);

}  // namespace bearer::config
