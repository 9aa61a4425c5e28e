#include "config/presets.h"

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <vector>

#include "base/text.h"

namespace bearer::config {
namespace {

/// Begins the source of a value that a preset sets.
constexpr std::string_view kSource = "preset ";

/// Empty if there is no such variable.
std::string_view value_of(const Environment& environment, std::string_view variable) {
  const auto found = environment.find(variable);
  return found == environment.end() ? std::string_view() : std::string_view(found->second);
}

/// nullopt if one of its holes stays empty. Removes a slash at a value's end: more path may follow.
std::optional<std::string> fill_in(std::string_view pattern, std::string_view region,
                                   const Environment& environment) {
  std::string text;
  while (!pattern.empty()) {
    text += base::take_until(pattern, '{');
    if (pattern.empty()) break;
    std::string_view otherwise = base::take_until(pattern, '}');
    const std::string_view name = base::take_until(otherwise, '|');
    std::string_view value = name == "region" ? region : value_of(environment, name);
    if (value.empty()) value = otherwise;
    if (value.ends_with('/')) value.remove_suffix(1);
    if (value.empty()) return std::nullopt;
    text += value;
  }
  return text;
}

bool has_value(const Environment& environment, std::string_view variable) {
  return !value_of(environment, variable).empty();
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

/// False for characters that would turn the text into another host, or a path.
bool has_shape_of_region(const Preset& preset, std::string_view region) {
  const bool is_url = region.find("//") != region.npos;  // its scheme would be the host
  return !region.empty() && !is_url && std::ranges::all_of(region, [&](char c) {
    return base::is_digit(c) || (c >= 'a' && c <= 'z') || c == '-' || c == '.' ||
           preset.region.also_allowed.find(c) != std::string_view::npos;
  });
}

/// Checks a region that was written. A path in it keeps its case.
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

/// True if the credential proves the client itself. A platform offers its assertion to everyone; it
/// is for clients without a proof of their own.
bool proves_client(const Values& values) {
  return std::ranges::any_of(
      std::initializer_list<std::string_view>{"client-secret-file", "client-secret-env",
                                              "client-key", "client-assertion-file"},
      [&](std::string_view setting) { return values.contains(setting); });
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
  const std::string source = std::string(kSource) + std::string(preset->name);
  const auto add = [&](std::span<const PresetValue> rows) {
    for (const PresetValue& row : rows) {
      // The issuer that a person names is asked for the endpoint. Our token-url would override it.
      if (row.setting == "token-url" && credential.contains("issuer")) continue;
      std::optional<std::string> text = fill_in(row.text, region, environment);
      if (!text) continue;
      Value& made = values[row.setting];  // several rows of a repeating setting add up
      made.texts.push_back(*std::move(text));
      made.source = source;
      made.by = By::preset;
    }
  };
  add(preset->values);
  for (const auto& [setting, variable] : preset->variables) {
    if (setting == "region" || !has_value(environment, variable)) continue;
    const bool offered = setting == "client-assertion-file" && preset->needs != setting;
    if (offered && (proves_client(credential) || proves_client(values))) {
      continue;
    }
    const bool names_variable = setting == "client-secret-env";
    values[setting] = {
        {names_variable ? std::string(variable) : environment.find(variable)->second},
        std::string(variable),
        ""};
  }
  const auto holds = [&](const PresetVariant& variant) {
    if (!variant.variable.empty()) return has_value(environment, variant.variable);
    return variant.setting.empty() || credential.contains(variant.setting) ||
           values.contains(variant.setting);
  };
  const auto variant = std::ranges::find_if(preset->variants, holds);
  if (variant != preset->variants.end()) add(variant->values);
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

std::string_view changed_by(const Typed& typed, std::string_view name, std::string_view own) {
  const Value* value = typed.find(name);
  if (value == nullptr || value->by != By::preset) return own;
  const Preset* preset = find_preset(value->source.substr(kSource.size()));
  return preset == nullptr || preset->region.meaning.empty() ? "preset" : "region";
}

std::string_view preset_need(const Typed& typed) {
  const Preset* preset = preset_of(typed);
  return preset == nullptr ? std::string_view() : preset->needs;
}

void check_preset_needs(const Typed& typed) {
  const Preset* preset = preset_of(typed);
  if (preset == nullptr) return;
  if (!preset->needs.empty() && !typed.has(preset->needs)) {
    typed.missing(preset->needs, preset_variable(typed, preset->needs, ", or with ") + "; " +
                                     std::string(preset->why_needed));
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
