#include "config/presets.h"

#include <algorithm>
#include <vector>

#include "base/text.h"

namespace bearer::config {
namespace {

constexpr std::string_view kHole = "{region}";

std::string fill_in(std::string_view pattern, std::string_view region) {
  std::string text(pattern);
  const std::size_t hole = text.find(kHole);
  if (hole != std::string::npos) text.replace(hole, kHole.size(), region);
  return text;
}

bool has_value(const Environment& environment, std::string_view variable) {
  const auto found = environment.find(variable);
  return found != environment.end() && !found->second.empty();
}

const Preset* named_preset(const Value& named, ConfigErrors& problems) {
  const std::string& name = named.texts.front();
  if (const Preset* preset = find_preset(name)) return preset;
  std::vector<std::string> known;
  std::string list;
  for (const Preset& preset : preset_table()) {
    known.emplace_back(preset.name);
    list += (list.empty() ? "" : ", ") + known.back();
  }
  problems.add(describe(*find_option("preset"), named, name) + "not one of " + list +
               did_you_mean(name, known));
  return nullptr;
}

std::string_view variable_of(const Preset& preset, std::string_view setting) {
  const auto found = std::ranges::find(preset.variables, setting, &PresetVariable::setting);
  return found == preset.variables.end() ? std::string_view() : found->variable;
}

/// Nothing that would make another host of it, or a path.
bool has_shape_of_region(const Preset& preset, std::string_view region) {
  return !region.empty() && std::ranges::all_of(region, [&](char c) {
    return base::is_digit(c) || (c >= 'a' && c <= 'z') || c == '-' || c == '.' ||
           preset.region.also_allowed.find(c) != std::string_view::npos;
  });
}

/// A region that was written, checked. A path in it keeps its case.
std::string checked_region(const Preset& preset, const Value& written, ConfigErrors& problems) {
  const std::string& text = written.texts.front();
  const std::size_t path = std::min(text.find('/'), text.size());
  const std::string region = base::to_lower(text.substr(0, path)) + text.substr(path);
  const auto& regions = preset.region.known;
  const std::string what = describe(*find_option("region"), written, text);
  if (regions.empty()) {
    if (!has_shape_of_region(preset, base::to_lower(region))) {
      problems.add(what + "not " + std::string(preset.region.meaning) +
                   "; write it without https:// and without a slash at its end");
    }
    return region;
  }
  if (std::ranges::find(regions, region) != regions.end()) return region;
  problems.add(what + "not a region of " + std::string(preset.name) +
               did_you_mean(region, {regions.begin(), regions.end()}) +
               " (for a region that is not built in, set upstream and token_url without a preset)");
  return std::string(preset.region.default_text);
}

bool names_endpoint(const Values& credential) {
  return credential.contains("token-url") || credential.contains("issuer") ||
         credential.contains("token-file") || credential.contains("token-command");
}

/// Empty if there is none; a problem if one is needed.
std::string find_region(const Preset& preset, const Values& credential,
                        const Environment& environment, ConfigErrors& problems) {
  const auto written = credential.find("region");
  if (written != credential.end()) return checked_region(preset, written->second, problems);
  const std::string_view variable = variable_of(preset, "region");
  if (!variable.empty() && has_value(environment, variable)) {
    const Value value{{environment.find(variable)->second}, std::string(variable), ""};
    return checked_region(preset, value, problems);
  }
  const PresetRegion& region = preset.region;
  if (region.meaning.empty() || !region.default_text.empty() || names_endpoint(credential)) {
    return std::string(region.default_text);
  }
  problems.add("region is not set: give it with --region, BEARER_PROXY_REGION" +
               (variable.empty() ? "" : ", " + std::string(variable)) +
               " or the config key region; of " + std::string(preset.name) + " it is " +
               std::string(region.meaning));
  return "";
}

const Preset* preset_of(const Typed& typed) {
  return typed.has("preset") ? find_preset(typed.text("preset")) : nullptr;
}

}  // namespace

Values preset_values(const Values& credential, const Environment& environment,
                     ConfigErrors& problems) {
  Values values;
  const auto named = credential.find("preset");
  if (named == credential.end()) return values;
  const Preset* preset = named_preset(named->second, problems);
  if (preset == nullptr) return values;

  const std::string region = find_region(*preset, credential, environment, problems);
  const std::string source = "preset " + std::string(preset->name);
  for (const PresetValue& value : preset->values) {
    if (region.empty() && value.text.find(kHole) != std::string_view::npos) continue;
    // A person's issuer is asked for the endpoint: ours would hide it.
    if (value.setting == "token-url" && credential.contains("issuer")) continue;
    Value& made = values[value.setting];  // several rows of a setting that repeats add up
    made.texts.push_back(fill_in(value.text, region));
    made.source = source;
    made.by = By::preset;
  }
  for (const auto& [setting, variable] : preset->variables) {
    if (setting == "region" || !has_value(environment, variable)) continue;
    const bool names_variable = setting == "client-secret-env";
    values[setting] = {
        {names_variable ? std::string(variable) : environment.find(variable)->second},
        std::string(variable),
        ""};
  }
  return values;
}

UpstreamFromToken preset_upstream(const Typed& typed) {
  const Preset* preset = preset_of(typed);
  if (preset == nullptr) return {};
  const PresetAnswer& answer = preset->upstream;
  return {.credential = {},
          .attribute = std::string(answer.member),
          .domains = {answer.domains.begin(), answer.domains.end()},
          .routes = {}};
}

std::string preset_variable(const Typed& typed, std::string_view setting, const char* before) {
  const Preset* preset = preset_of(typed);
  const std::string_view variable =
      preset == nullptr ? std::string_view() : variable_of(*preset, setting);
  return variable.empty() ? std::string() : before + std::string(variable);
}

void check_preset_needs(const Typed& typed) {
  const Preset* preset = preset_of(typed);
  if (preset == nullptr) return;
  if (!preset->needs.empty() && !typed.has(preset->needs)) {
    typed.missing(preset->needs, "; " + std::string(preset->why_needed));
  }
  const std::string_view end = preset->scope_ends_with;
  if (end.empty() || typed.text("grant") != "client_credentials") return;
  const std::string scope = typed.text("scope");
  if (scope.ends_with(end)) return;
  typed.problem("scope", scope,
                std::string(preset->name) + " wants it to end with " + std::string(end) +
                    ", such as https://graph.microsoft.com/.default");
}

}  // namespace bearer::config
