// The page of presets, deploy/docs/presets.md, from the rows that the program itself goes by.
#pragma once

#include <string>

namespace bearer::docs {

/// In Markdown. The committed page is what this gives; `make docs` writes it.
std::string presets_page();

}  // namespace bearer::docs
