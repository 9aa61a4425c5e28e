#include "base/printable.h"

#include <algorithm>

namespace bearer::token {

std::string printable(std::string_view text, std::size_t chars_max) {
  std::string shown(text.substr(0, chars_max));
  std::replace_if(
      shown.begin(), shown.end(), [](char c) { return c < 0x20 || c > 0x7e; }, '?');
  return shown;
}

}  // namespace bearer::token
