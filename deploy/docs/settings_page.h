// The page of settings, deploy/docs/settings.md, from the table that the program itself goes by.
#pragma once

#include <string>

namespace bearer::docs {

/// In Markdown. The committed page is what this gives; `make docs` writes it.
std::string settings_page();

}  // namespace bearer::docs
