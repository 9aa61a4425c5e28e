// Checks that credentials and routes fit together. These faults belong to no single setting.
#pragma once

#include <string>
#include <vector>

#include "config/config_errors.h"
#include "config/file.h"

namespace bearer::config {

/// The name of the credential that a route uses: the one that it names or, if there is only one,
/// that one. Empty if it names none and there are several.
std::string credential_of(const Block& route, const std::vector<Block>& credentials);

/// Checks that each route uses a credential that exists, that each credential is used, and that a
/// region has a preset. REQUIRES: each route's name is credential_of() it.
void validate_blocks(const Values& flat, const std::vector<Block>& credentials,
                     const std::vector<Block>& routes, ConfigErrors& problems);

/// Checks that no two routes take the same requests, and that no upstream is the proxy itself.
void validate(const Settings& settings, ConfigErrors& problems);

}  // namespace bearer::config
