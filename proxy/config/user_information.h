// A URL's authority may hold a user and a password before its @ (RFC 3986 section 3.2.1).
#pragma once

#include <string>

#include "base/secret.h"

namespace bearer::config {

struct UserInformation {
  std::string user;
  base::Secret password;
};

/// Takes it out of `url`, its escapes decoded. Empty where there is none. A `%` that begins no
/// escape stands for itself. REQUIRES: `url` has a scheme.
UserInformation take_user_information(std::string& url);

}  // namespace bearer::config
