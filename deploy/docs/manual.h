// The manual page, bearer-proxy(1), from the tables that the program itself goes by.
#pragma once

#include <string>

namespace bearer::docs {

/// In the macros of man(7). `version` is the program's.
std::string manual(const std::string& version);

}  // namespace bearer::docs
