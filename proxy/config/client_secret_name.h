// The setting that does not exist: a client's secret is given by a file or a variable.
#pragma once

#include <string>
#include <string_view>

#include "base/text.h"

namespace bearer::config {

/// True for `client_secret`, however it is spelled: `clientSecret`, `client-secret`.
inline bool names_client_secret(std::string_view name) {
  std::string letters = base::to_lower(name);
  std::erase_if(letters, [](char c) { return c == '-' || c == '_'; });
  return letters == "clientsecret";
}

}  // namespace bearer::config
