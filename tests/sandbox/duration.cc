#include "tests/sandbox/duration.h"

#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>

#include "tests/sandbox/encoding.h"

namespace bearer::sandbox {

namespace {

constexpr std::uint64_t kDurationMaxMs = 10ULL * 365 * 24 * 3600 * 1000;

}  // namespace

Milliseconds parse_duration(std::string_view text) {
  constexpr std::pair<std::string_view, std::uint64_t> kUnits[] = {
      {"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"", 1000}};
  for (const auto& [unit, in_ms] : kUnits) {
    if (!text.ends_with(unit)) continue;
    const auto number = parse_number(text.substr(0, text.size() - unit.size()));
    if (number && *number <= kDurationMaxMs / in_ms) return Milliseconds(*number * in_ms);
    break;
  }
  throw std::invalid_argument("not a duration: '" + std::string(text) +
                              "'; write 500ms, 3s, 2m or 1h");
}

}  // namespace bearer::sandbox
