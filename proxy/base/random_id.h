// A name that nobody else has, and that nobody can guess.
#pragma once

#include <string>

namespace bearer::base {

/// 128 random bits as 32 lower-case hex digits.
std::string random_id();

}  // namespace bearer::base
