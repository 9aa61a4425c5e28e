// Finds where a configuration keeps its secrets: in environment variables, which a program that the
// proxy runs does not get, and in the config file itself.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/file.h"

namespace bearer::config {

/// Adds those of one credential: BEARER_PROXY_* with a secret, `client_secret_env`, and the
/// variable of the credential's preset, even if the secret is given in another way.
void add_secret_variables(const Block& credential, std::vector<std::string>& variables);

/// Adds the settings of `values` that stand in `file` and hold a secret themselves, for a person:
/// `token_store`, `set_header X-Api-Key`. A field or a parameter holds one if its name says so.
void add_secrets_in_file(const Values& values, std::string_view file,
                         std::vector<std::string>& settings);

}  // namespace bearer::config
