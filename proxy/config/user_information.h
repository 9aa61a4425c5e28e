// The user and password before the @ of a URL's authority (RFC 3986 section 3.2.1).
#pragma once

#include <string>

#include "base/secret.h"

namespace bearer::config {

struct UserInformation {
  std::string user;
  base::Secret password;
};

/// Removes them from `url`, and decodes their escapes. Empty if there are none. A `%` that begins
/// no escape is literal. REQUIRES: `url` has a scheme.
UserInformation take_user_information(std::string& url);

}  // namespace bearer::config
