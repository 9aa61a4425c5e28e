// A server's words made fit for a log line and a terminal.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace bearer::token {

/// At most `chars_max` characters, each byte that is not printable ASCII as '?'.
std::string printable(std::string_view text, std::size_t chars_max);

}  // namespace bearer::token
