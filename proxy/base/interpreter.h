// Tells a script without its interpreter from a missing script; exec() reports them alike.
#pragma once

#include <string>
#include <vector>

namespace bearer::base {

/// The files that `program` may be, in the order of PATH; with a slash it is one.
std::vector<std::string> program_files(const std::string& program);

/// Returns the interpreter named in the first line of the script `program`, if it does not exist.
/// Otherwise, and if it is not a script, the text is empty. A `program` without a slash is searched
/// for in PATH. The result may hold any bytes.
std::string missing_interpreter(const std::string& program);

}  // namespace bearer::base
