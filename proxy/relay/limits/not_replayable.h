// The reasons why a request's body is not kept, so that it cannot be sent again: mostly a limit.
#pragma once

#include <array>
#include <string_view>

namespace bearer::relay {

enum class NotReplayable {
  too_large,
  spill_failed,  ///< its temporary file failed
  no_room,       ///< kept bodies have taken their common limit, or the disk has too little
};
/// As metrics name them, in that order.
inline constexpr std::array<std::string_view, 3> kUnkeptNames = {"too_large", "spill_failed",
                                                                 "no_room"};

}  // namespace bearer::relay
