// The configuration as it takes effect: what is left once flags, environment, file, preset and
// defaults were laid over one another.
#pragma once

#include <string>
#include <vector>

#include "config/file.h"
#include "config/values.h"

namespace bearer::config {

struct EffectiveValues {
  Values global;
  std::vector<Block> credentials, routes;  ///< each with what it inherits; of a route, `name` is
                                           ///< its credential's
};

/// A line for each value: the setting, the value, and where it comes from, which is a flag, a
/// variable, a key of the file, a preset or the default. A secret is only said to be set.
std::string effective_text(const EffectiveValues& values);

}  // namespace bearer::config
