// What happens to the proxy in one run, as an input tells it:
//
//     @client
//     GET / HTTP/1.1 …
//     @advance 500
//
// A line that begins with `@` names an event and its number; the bytes of it follow, up to the line
// break before the next `@`.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace bearer::fuzz {

struct Event {
  std::string_view name;
  std::uint64_t number = 0;  ///< 0 where none stands there
  std::string_view bytes;
};

/// At most the first hundred events; what stands before them is left out. Views of `text`.
std::vector<Event> read_script(std::string_view text);

}  // namespace bearer::fuzz
