#include "deploy/docs/presets_page.h"

#include <doctest/doctest.h>

#include <regex>
#include <span>
#include <string>

#include "config/preset_table.h"
#include "tests/support/content.h"
#include "tests/support/source_tree.h"

using namespace bearer;

TEST_CASE("deploy/docs/presets.md is what the table of presets makes") {
  INFO("`make docs` writes the page from the table.");
  CHECK(test::content(test::source_tree() / "deploy/docs/presets.md") == docs::presets_page());
}

namespace {

/// A bar would end a table's cell.
std::string in_a_cell(std::string_view text) {
  return std::regex_replace(std::string(text), std::regex(R"(\|)"), R"(\|)");
}

}  // namespace

TEST_CASE("the page of presets has what each preset fills in and reads") {
  const std::string page = docs::presets_page();
  for (const config::Preset& preset : config::preset_table()) {
    CAPTURE(preset.name);
    const std::size_t begin = page.find("\n## " + std::string(preset.name) + "\n");
    REQUIRE(begin != std::string::npos);
    const std::string section = page.substr(begin, page.find("\n## ", begin + 1) - begin);
    const auto check = [&](std::span<const config::PresetValue> values) {
      for (const config::PresetValue& value : values) {
        CHECK(section.find(in_a_cell(value.text)) != std::string::npos);
      }
    };
    check(preset.values);
    for (const config::PresetVariant& variant : preset.variants) check(variant.values);
    for (const config::PresetVariable& variable : preset.variables) {
      CHECK(section.find(variable.variable) != std::string::npos);
    }
    CHECK(section.find(preset.region.meaning) != std::string::npos);
    CHECK(section.find(preset.why_needed) != std::string::npos);
  }
}
