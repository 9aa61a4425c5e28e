// A number of requests in a period, as it is written.
#pragma once

#include <optional>
#include <string_view>

#include "relay/limits/pace.h"

namespace bearer::config {

/// `300/m`, `10/s`, `1000/h`, or any period that is a duration: `5/500ms`. From 1 to 1,000,000
/// requests, in at most a day.
std::optional<relay::Rate> parse_rate(std::string_view text);

}  // namespace bearer::config
