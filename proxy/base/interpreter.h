// Why a script that is there cannot be run: exec() says of its interpreter what it would say of it.
#pragma once

#include <string>

namespace bearer::base {

/// What the first line of the script `program` names behind `#!`, where that does not exist; empty
/// where it does, or where `program` is no script. Without a slash in it, `program` is looked for
/// in PATH. The result may hold any bytes.
std::string missing_interpreter(const std::string& program);

}  // namespace bearer::base
