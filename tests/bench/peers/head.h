// Just enough of HTTP/1.1 for the two ends: they trust each other and are measured by nobody.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace bearer::bench {

/// Bytes of the head that `bytes` begins with, its empty line included; 0 if it is not whole.
std::size_t head_length(std::string_view bytes);

/// The value of the first field of this name; empty if there is none. `name` is in lower case and
/// ends with the colon.
std::string_view field(std::string_view head, std::string_view name);

/// The field Content-Length; nullopt if there is none.
std::optional<std::uint64_t> content_length(std::string_view head);

/// The digits that `text` begins with.
std::uint64_t leading_number(std::string_view text);

}  // namespace bearer::bench
