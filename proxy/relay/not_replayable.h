// Why a request's body could not be sent again.
#pragma once

#include <array>
#include <string_view>

namespace bearer::relay {

enum class NotReplayable {
  too_large,
  spill_failed,  ///< its temporary file did
};
inline constexpr std::array<std::string_view, 2> kUnkeptNames = {"too_large", "spill_failed"};

}  // namespace bearer::relay
