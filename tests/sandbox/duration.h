// A length of time, as a person writes it.
#pragma once

#include <string_view>

#include "tests/sandbox/message.h"

namespace bearer::sandbox {

/// `500ms`, `3s`, `2m`, `1h`; a bare number is seconds. Throws std::invalid_argument.
Milliseconds parse_duration(std::string_view text);

}  // namespace bearer::sandbox
