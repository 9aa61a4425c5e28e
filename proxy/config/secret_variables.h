// Some environment variables hold the secrets of a configuration. They are kept from a program that
// the proxy runs.
#pragma once

#include <string>
#include <vector>

#include "config/file.h"

namespace bearer::config {

/// Adds those of one credential: BEARER_PROXY_* that hold a secret, `client_secret_env`, and the
/// variable of the credential's preset, also where another way of giving the secret won over it.
void add_secret_variables(const Block& credential, std::vector<std::string>& variables);

}  // namespace bearer::config
