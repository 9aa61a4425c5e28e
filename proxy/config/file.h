// Parses the configuration file: JSON with // comments, in which keys are settings.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/config_errors.h"
#include "config/values.h"

namespace bearer::config {

/// An entry of `credentials` or `routes`.
struct Block {
  std::string label;  ///< `credentials.crm`, `routes[1]`
  std::string name;   ///< a credential's: `crm`
  Values values;
};

struct FileSettings {
  Values flat;  ///< the keys of the top level
  std::vector<Block> credentials, routes;
};

/// `name` is the file's, for errors. A file that is not JSON is one problem, with line and column.
FileSettings parse_file(std::string_view text, const std::string& name, ConfigErrors& problems);

}  // namespace bearer::config
