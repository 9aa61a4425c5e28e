// Credentials and routes have to fit together; no setting can be blamed alone where they do not.
#pragma once

#include <string>
#include <vector>

#include "config/config_errors.h"
#include "config/file.h"

namespace bearer::config {

/// The name of the credential that a route uses: the one that it names or, if there is only one,
/// that one. Empty if it names none and there are several.
std::string credential_of(const Block& route, const std::vector<Block>& credentials);

/// Each route uses a credential that exists, each credential is used, and a region has a preset.
/// REQUIRES: each route's name is credential_of() it.
void validate_blocks(const Values& flat, const std::vector<Block>& credentials,
                     const std::vector<Block>& routes, ConfigErrors& problems);

/// No two routes take the same requests, and no upstream is the proxy itself.
void validate(const Settings& settings, ConfigErrors& problems);

}  // namespace bearer::config
