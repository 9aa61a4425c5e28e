// The files of this folder, as embed.cmake compiles them into the program.
#pragma once

#include <string_view>

namespace bearer::admin::page {

extern const std::string_view kHtml;    ///< with an empty style and an empty script element
extern const std::string_view kStyle;   ///< for the style element
extern const std::string_view kScript;  ///< for the script element: all scripts, one after another

}  // namespace bearer::admin::page
