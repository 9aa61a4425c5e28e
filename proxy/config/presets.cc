#include "config/presets.h"

#include <algorithm>
#include <vector>

#include "base/text.h"

namespace bearer::config {
namespace {

constexpr std::string_view kGenesysRegions[] = {
    "mypurecloud.com",         // US East (N. Virginia)
    "use2.us-gov-pure.cloud",  // US East 2 (Ohio, FedRAMP)
    "usw2.pure.cloud",         // US West (Oregon)
    "cac1.pure.cloud",         // Canada (Central)
    "mxc1.pure.cloud",         // Mexico (Central)
    "sae1.pure.cloud",         // South America (São Paulo)
    "mypurecloud.ie",          // Europe (Ireland)
    "euw2.pure.cloud",         // Europe (London)
    "mypurecloud.de",          // Europe (Frankfurt)
    "euc2.pure.cloud",         // Europe (Zurich)
    "edee1.eusc-pure.cloud",   // European Sovereign Cloud (Germany)
    "mec1.pure.cloud",         // Middle East (UAE)
    "aps1.pure.cloud",         // Asia Pacific (Mumbai)
    "apse1.pure.cloud",        // Asia Pacific (Singapore)
    "mypurecloud.com.au",      // Asia Pacific (Sydney)
    "mypurecloud.jp",          // Asia Pacific (Tokyo)
    "apne2.pure.cloud",        // Asia Pacific (Seoul)
    "apne3.pure.cloud",        // Asia Pacific (Osaka)
};

constexpr Preset kPresets[] = {
    {.name = "genesys",
     .upstream = "https://api.{region}",
     .token_url = "https://login.{region}/oauth/token",
     .auth_method = "client_secret_basic",
     .refresh_margin = "300s",
     .client_id_variable = "GENESYS_CLIENT_ID",
     .client_secret_variable = "GENESYS_CLIENT_SECRET",
     .default_region = "mypurecloud.com",
     .regions = kGenesysRegions},
};

std::string fill_in(std::string_view pattern, std::string_view region) {
  constexpr std::string_view kHole = "{region}";
  std::string text(pattern);
  const std::size_t hole = text.find(kHole);
  if (hole != std::string::npos) text.replace(hole, kHole.size(), region);
  return text;
}

bool has_value(const Environment& environment, std::string_view variable) {
  const auto found = environment.find(variable);
  return found != environment.end() && !found->second.empty();
}

const Preset* named_preset(const Value& named, Problems& problems) {
  const std::string& name = named.texts.front();
  if (const Preset* preset = find_preset(name)) return preset;
  std::string known;
  for (const Preset& preset : kPresets)
    known += (known.empty() ? "" : ", ") + std::string(preset.name);
  problems.add(describe(*find_option("preset"), named, name) + "this build knows only " + known);
  return nullptr;
}

std::string find_region(const Preset& preset, const Values& credential, Problems& problems) {
  const auto named = credential.find("region");
  if (named == credential.end()) return std::string(preset.default_region);
  const std::string region = base::to_lower(named->second.texts.front());
  if (std::ranges::find(preset.regions, region) != preset.regions.end()) return region;
  const std::vector<std::string> known(preset.regions.begin(), preset.regions.end());
  problems.add(describe(*find_option("region"), named->second, named->second.texts.front()) +
               "not a region of " + std::string(preset.name) + did_you_mean(region, known) +
               " (for a region that is not built in, set upstream and token_url without a preset)");
  return std::string(preset.default_region);
}

}  // namespace

const Preset* find_preset(std::string_view name) {
  const auto* found = std::ranges::find(kPresets, name, &Preset::name);
  return found == std::end(kPresets) ? nullptr : found;
}

Values preset_values(const Values& credential, const Environment& environment, Problems& problems) {
  Values values;
  const auto named = credential.find("preset");
  if (named == credential.end()) return values;
  const Preset* preset = named_preset(named->second, problems);
  if (preset == nullptr) return values;

  const std::string region = find_region(*preset, credential, problems);
  const auto set = [&](std::string_view name, std::string text, const std::string& source) {
    values[name] = {{std::move(text)}, source, ""};
  };
  const std::string source = "preset " + std::string(preset->name);
  set("upstream", fill_in(preset->upstream, region), source);
  set("token-url", fill_in(preset->token_url, region), source);
  set("auth-method", std::string(preset->auth_method), source);
  set("refresh-margin", std::string(preset->refresh_margin), source);
  if (has_value(environment, preset->client_id_variable)) {
    const std::string variable(preset->client_id_variable);
    set("client-id", environment.find(variable)->second, variable);
  }
  if (has_value(environment, preset->client_secret_variable)) {
    const std::string variable(preset->client_secret_variable);
    set("client-secret-env", variable, variable);
  }
  return values;
}

}  // namespace bearer::config
