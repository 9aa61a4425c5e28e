// Fills in settings from the preset that a person names.
#pragma once

#include <string>
#include <string_view>

#include "config/config_errors.h"
#include "config/environment.h"
#include "config/preset_table.h"
#include "config/settings.h"
#include "config/typed.h"
#include "config/values.h"

namespace bearer::config {

/// Returns what the preset named in `credential` sets, with `region` filled in; empty if none is
/// named. An unknown name or region is a problem, because a secret must not go to the owner of a
/// mistyped domain. The region may be missing if a person has set the token endpoint.
Values preset_values(const Values& credential, const Environment& environment,
                     ConfigErrors& problems);

/// The rule of the preset in use. Its `attribute` is empty if there is none.
UpstreamFromToken preset_upstream(const Typed& typed);

/// `before` and the variable that may hold the setting under the preset in use, or nothing.
std::string preset_variable(const Typed& typed, std::string_view setting, const char* before);

/// The setting that the preset in use requires; empty if there is none.
std::string_view preset_need(const Typed& typed);

/// The key by which a person changes this setting: `own` or, if the value comes from a preset,
/// `region` or `preset`. Lives as long as the process, if `own` does.
std::string_view changed_by(const Typed& typed, std::string_view name, std::string_view own);

/// A problem if the preset in use requires more than was given, or something else.
void check_preset_needs(const Typed& typed);

}  // namespace bearer::config
