// Why a request's body could not be sent again.
#pragma once

#include <array>
#include <string_view>

namespace bearer::relay {

enum class NotReplayable {
  too_large,
  spill_failed,  ///< its temporary file did
  no_room,       ///< kept bodies have taken what all may take together, or left the disk too little
};
inline constexpr std::array<std::string_view, 3> kUnkeptNames = {"too_large", "spill_failed",
                                                                 "no_room"};

}  // namespace bearer::relay
