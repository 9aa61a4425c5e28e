// What the program knows of a provider, so that a person need not: a row of data each.
#pragma once

#include <span>
#include <string_view>

#include "config/environment.h"
#include "config/problems.h"
#include "config/values.h"

namespace bearer::config {

struct Preset {
  std::string_view name;
  std::string_view upstream;   ///< `{region}` stands for the region's domain
  std::string_view token_url;  ///< the same
  std::string_view auth_method;
  std::string_view refresh_margin;
  std::string_view client_id_variable;  ///< environment names that the provider's own tools use
  std::string_view client_secret_variable;
  std::string_view default_region;
  std::span<const std::string_view> regions;
};

/// Null if there is none of that name.
const Preset* find_preset(std::string_view name);

/// What the preset named in `credential` sets, with `region` filled in; empty if none is named. An
/// unknown name or region is a problem: a secret must not go to whoever owns a mistyped domain.
Values preset_values(const Values& credential, const Environment& environment, Problems& problems);

}  // namespace bearer::config
