// Times as other programs write them: in ISO 8601 (RFC 3339), or in milliseconds since 1970.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/clock.h"

namespace bearer::base {

/// Reads `2024-05-14T12:34:56Z`, with a fraction of any length, with an offset such as `+02:00`,
/// `+0200` or ` UTC`, with a blank in place of the T. nullopt for any other text, for a time that
/// does not exist, and for one without a zone, which could be hours off.
std::optional<WallTime> parse_iso_time(std::string_view text);

inline std::int64_t unix_milliseconds(WallTime moment) {
  return std::chrono::floor<std::chrono::milliseconds>(moment.time_since_epoch()).count();
}

}  // namespace bearer::base
