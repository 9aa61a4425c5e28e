// The known providers as rows of data, which save a person from knowing their settings.
#pragma once

#include <span>
#include <string_view>

namespace bearer::config {

/// A setting that a preset fills in.
struct PresetValue {
  std::string_view setting;
  /// `{region}` is replaced by the region, `{NAME}` by a variable of the environment, `{NAME|X}` by
  /// the variable or X. If one of them is empty, the setting is not filled in.
  std::string_view text;
};

/// An environment variable that the provider's own tools use.
struct PresetVariable {
  std::string_view setting;
  std::string_view variable;
};

/// A provider's regions, and the meaning of the setting `region` for it.
struct PresetRegion {
  std::string_view meaning = {};  ///< for a person; empty: the provider has no regions
  std::string_view default_text = {};
  std::span<const std::string_view> known = {};  ///< empty: any text that has the shape of a region
  std::string_view also_allowed = {};            ///< characters beside those of a host name
};

/// The member of the token endpoint's response that names the API.
struct PresetAnswer {
  std::string_view member = {};                    ///< empty: the response does not name it
  std::span<const std::string_view> domains = {};  ///< see UpstreamFromToken
};

/// Values that apply if a platform's variable is there, or a person's setting.
struct PresetVariant {
  std::string_view variable, setting;  ///< either; both empty: they always apply
  std::span<const PresetValue> values;
};

struct Preset {
  std::string_view name;
  PresetRegion region;
  std::span<const PresetValue> values;
  std::span<const PresetVariable> variables;
  std::span<const PresetVariant> variants = {};  ///< the first that applies adds its values
  /// A setting that a person must add, and why; empty: none.
  std::string_view needs = {}, why_needed = {};
  /// The end that the scope of a client_credentials grant must have; empty: any.
  std::string_view scope_ends_with = {};
  PresetAnswer upstream = {};
};

/// The known providers.
std::span<const Preset> preset_table();
/// Null if there is none of that name.
const Preset* find_preset(std::string_view name);

}  // namespace bearer::config
