// exec() says the same of a script without its interpreter as of no script. This tells them apart.
#pragma once

#include <string>

namespace bearer::base {

/// Returns the interpreter that the first line of the script `program` names, if that does not
/// exist; else, and for what is no script, an empty text. A `program` without a slash is looked for
/// in PATH. The result may hold any bytes.
std::string missing_interpreter(const std::string& program);

}  // namespace bearer::base
