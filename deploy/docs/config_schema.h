// The JSON schema of the configuration file, deploy/docs/config.schema.json, from the table that
// the program itself goes by.
#pragma once

#include <string>

namespace bearer::docs {

std::string config_schema();

}  // namespace bearer::docs
