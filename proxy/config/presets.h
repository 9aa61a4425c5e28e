// What the program knows of a provider, so that a person need not: a row of data each.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "config/config_errors.h"
#include "config/environment.h"
#include "config/settings.h"
#include "config/typed.h"
#include "config/values.h"

namespace bearer::config {

/// A setting that a preset fills in.
struct PresetValue {
  std::string_view setting;
  std::string_view text;  ///< `{region}` stands for the region
};

/// An environment name that the provider's own tools use.
struct PresetVariable {
  std::string_view setting;
  std::string_view variable;
};

/// What `region` is for a provider.
struct PresetRegion {
  std::string_view meaning = {};  ///< for a person; empty: there is no such thing
  std::string_view default_text = {};
  std::span<const std::string_view> known = {};  ///< empty: any that has the shape of one
  std::string_view also_allowed = {};            ///< characters beside those of a host name
};

/// A member of the token endpoint's answer that says where the API is.
struct PresetAnswer {
  std::string_view member = {};                    ///< empty: the answer does not say it
  std::span<const std::string_view> domains = {};  ///< see UpstreamFromToken
};

struct Preset {
  std::string_view name;
  PresetRegion region;
  std::span<const PresetValue> values;
  std::span<const PresetVariable> variables;
  /// A setting that a person must add, and why; empty: none.
  std::string_view needs = {}, why_needed = {};
  /// What the scope of a client_credentials grant must end with; empty: anything.
  std::string_view scope_ends_with = {};
  PresetAnswer upstream = {};
};

/// Null if there is none of that name.
const Preset* find_preset(std::string_view name);

/// What the preset named in `credential` sets, with `region` filled in; empty if none is named. An
/// unknown name or region is a problem: a secret must not go to whoever owns a mistyped domain. The
/// region may be missing where a person has said where the token endpoint is.
Values preset_values(const Values& credential, const Environment& environment,
                     ConfigErrors& problems);

/// The rule of the preset in use; its `attribute` is empty where there is none.
UpstreamFromToken preset_upstream(const Typed& typed);

/// `before` and the variable that may hold the setting under the preset in use, or nothing.
std::string preset_variable(const Typed& typed, std::string_view setting, const char* before);

/// A problem where the preset in use needs more than was given, or something else.
void check_preset_needs(const Typed& typed);

}  // namespace bearer::config
