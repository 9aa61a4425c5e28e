// The program knows each provider by a row of data, so that a person need not know so much.
#pragma once

#include <span>
#include <string_view>

namespace bearer::config {

/// A setting that a preset fills in.
struct PresetValue {
  std::string_view setting;
  /// `{region}` stands for the region, `{NAME}` for a variable of the environment, `{NAME|X}` for
  /// it or X. Where one says nothing, the setting is not filled in.
  std::string_view text;
};

/// An environment name that the provider's own tools use.
struct PresetVariable {
  std::string_view setting;
  std::string_view variable;
};

/// A provider's regions, and what the setting `region` stands for there.
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

/// Values that hold where a platform shows by a variable, or a person by a setting, that they do.
struct PresetVariant {
  std::string_view variable, setting;  ///< either; both empty: anywhere
  std::span<const PresetValue> values;
};

struct Preset {
  std::string_view name;
  PresetRegion region;
  std::span<const PresetValue> values;
  std::span<const PresetVariable> variables;
  std::span<const PresetVariant> variants = {};  ///< the first that holds adds its values
  /// A setting that a person must add, and why; empty: none.
  std::string_view needs = {}, why_needed = {};
  /// The scope of a client_credentials grant must end with this; empty: with anything.
  std::string_view scope_ends_with = {};
  PresetAnswer upstream = {};
};

/// The known providers.
std::span<const Preset> preset_table();
/// Null if there is none of that name.
const Preset* find_preset(std::string_view name);

}  // namespace bearer::config
