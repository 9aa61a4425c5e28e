// The reason why a response to a client was cut.
#pragma once

#include <array>
#include <string_view>

#include "base/errc.h"

namespace bearer::relay {

enum class CutReason {
  client_left,
  client_stalled,      ///< it took nothing for --idle-timeout
  upstream_closed,     ///< in the middle of the response
  upstream_silent,     ///< for --idle-timeout
  response_malformed,  ///< one of its chunks is
  request_failed,      ///< its rest was malformed, stopped coming or could not be kept
  other,
};
inline constexpr std::array<std::string_view, 7> kCutNames = {
    "client_left",    "client_stalled", "upstream_closed", "upstream_silent", "response_malformed",
    "request_failed", "other"};

CutReason cut_reason(base::Errc fault);

}  // namespace bearer::relay
