#include "bench/peers/head.h"

#include <algorithm>
#include <charconv>

namespace bearer::bench {
namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}

}  // namespace

std::size_t head_length(std::string_view bytes) {
  const std::size_t end = bytes.find("\r\n\r\n");
  return end == std::string_view::npos ? 0 : end + 4;
}

std::string_view field(std::string_view head, std::string_view name) {
  for (std::size_t line_end = head.find('\n'); line_end != std::string_view::npos;
       line_end = head.find('\n')) {
    head.remove_prefix(line_end + 1);
    if (head.size() < name.size()) break;
    if (!std::equal(name.begin(), name.end(), head.begin(),
                    [](char wanted, char have) { return wanted == lower(have); })) {
      continue;
    }
    std::string_view value = head.substr(name.size(), head.find('\r') - name.size());
    while (value.starts_with(' ')) value.remove_prefix(1);
    return value;
  }
  return {};
}

std::optional<std::uint64_t> content_length(std::string_view head) {
  const std::string_view value = field(head, "content-length:");
  if (value.empty()) return std::nullopt;
  return leading_number(value);
}

std::uint64_t leading_number(std::string_view text) {
  std::uint64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace bearer::bench
