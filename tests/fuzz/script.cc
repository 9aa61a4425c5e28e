#include "tests/fuzz/script.h"

#include <algorithm>

#include "base/text.h"

namespace bearer::fuzz {
namespace {

constexpr std::size_t kEventsMax = 100;
constexpr std::string_view kNext = "\n@";

}  // namespace

std::vector<Event> read_script(std::string_view text) {
  std::vector<Event> events;
  text.remove_prefix(std::min(text.find('@'), text.size()));
  while (!text.empty() && events.size() < kEventsMax) {
    const std::size_t end = text.find(kNext);
    std::string_view section = text.substr(1, end == std::string_view::npos ? end : end - 1);
    text.remove_prefix(std::min(end, text.size() - 1) + 1);
    std::string_view line = base::take_until(section, '\n');
    Event event;
    event.name = base::take_until(line, ' ');
    event.number = base::parse_decimal(line).value_or(0);
    event.bytes = section;
    events.push_back(event);
  }
  return events;
}

}  // namespace bearer::fuzz
