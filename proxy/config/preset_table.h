// The rows of the known providers.
#pragma once

#include <span>

#include "config/presets.h"

namespace bearer::config {

std::span<const Preset> preset_table();

}  // namespace bearer::config
