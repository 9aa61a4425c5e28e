#include "deploy/docs/presets_page.h"

#include <string_view>

#include "config/preset_table.h"

namespace bearer::docs {
namespace {

using config::Preset;

constexpr std::string_view kIntroduction =
    R"(<!-- Made from proxy/config/preset_table.cc by `make docs`. Change the table or deploy/docs/presets_page.cc, not this page. -->

# Presets

`--preset NAME` fills in these settings. `{region}` stands for the value of `--region`, `{NAME|X}` for the variable `NAME` of the environment, or `X` where it is not set. A setting that you write yourself wins. [Providers](providers.md) says what to run.
)";

std::string code(std::string_view text) {
  return "`" + std::string(text) + "`";
}

/// A bar would end the table's cell.
std::string escaped(std::string_view text) {
  std::string made;
  for (const char c : text) made += c == '|' ? std::string("\\|") : std::string(1, c);
  return made;
}

std::string region(const Preset& preset) {
  if (preset.region.meaning.empty()) return "";
  std::string text = "`--region` is " + std::string(preset.region.meaning) + ".";
  if (!preset.region.default_text.empty()) {
    text += " The default is " + code(preset.region.default_text) + ".";
  }
  if (!preset.region.known.empty()) {
    text += " These are known:";
    for (const std::string_view known : preset.region.known) text += " " + code(known);
  }
  return text + "\n\n";
}

std::string row(std::string_view setting, std::string_view value) {
  const bool secret = setting == "client-secret-env";
  const std::string name = secret ? "the client's secret" : code("--" + std::string(setting));
  return "| " + name + " | " + std::string(value) + " |\n";
}

std::string settings(const Preset& preset) {
  std::string text = "| setting | value |\n| --- | --- |\n";
  for (const config::PresetValue& value : preset.values) {
    text += row(value.setting, code(escaped(value.text)));
  }
  for (const config::PresetVariable& variable : preset.variables) {
    text += row(variable.setting, "from the variable " + code(variable.variable));
  }
  return text;
}

/// When the values of a variant hold.
std::string condition(const config::PresetVariant& variant) {
  if (!variant.variable.empty()) return "Where " + code(variant.variable) + " is set";
  if (!variant.setting.empty()) return "With " + code("--" + std::string(variant.setting));
  return "Otherwise";
}

std::string variants(const Preset& preset) {
  std::string text;
  for (const config::PresetVariant& variant : preset.variants) {
    text += "\n" + condition(variant) + ":\n\n| setting | value |\n| --- | --- |\n";
    for (const config::PresetValue& value : variant.values) {
      text += row(value.setting, code(escaped(value.text)));
    }
  }
  return text;
}

std::string section(const Preset& preset) {
  std::string text = "\n## " + std::string(preset.name) + "\n\n" + region(preset) +
                     settings(preset) + variants(preset);
  if (!preset.needs.empty()) {
    text += "\nAdd " + code("--" + std::string(preset.needs)) + ": " +
            std::string(preset.why_needed) + ".\n";
  }
  return text;
}

}  // namespace

std::string presets_page() {
  std::string page(kIntroduction);
  for (const Preset& preset : config::preset_table()) page += section(preset);
  return page;
}

}  // namespace bearer::docs
