// From one block of values to the Options of the part that obeys them, checked on the way.
#pragma once

#include "config/config_errors.h"
#include "config/environment.h"
#include "config/file.h"
#include "config/files.h"
#include "config/settings.h"

namespace bearer::config {

/// What a block is checked against beside itself.
struct Surroundings {
  const Environment& environment;
  const Files& files;
  bool insecure_http = false;
  bool upstream_needed = true;  ///< false: a route may go without, and its Url stays empty
};

/// `block.values` holds what the block inherits, too. What cannot be used is a problem; the result
/// is of no use then.
token::CredentialOptions build_credential(const Block& block, const Surroundings& around,
                                          ConfigErrors& problems);
relay::RouteOptions build_route(const Block& block, const Surroundings& around,
                                ConfigErrors& problems);

/// Fills in `listen`, `service` and `log`.
void build_service(const Values& values, Settings& settings, ConfigErrors& problems);

}  // namespace bearer::config
