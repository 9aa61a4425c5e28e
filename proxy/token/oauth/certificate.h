// A certificate as a file holds it.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace bearer::token {

/// The first certificate of a PEM file, as DER. A failure (file_unreadable) names the setting.
base::Result<std::string> read_certificate(const std::string& path, std::string_view setting);

}  // namespace bearer::token
