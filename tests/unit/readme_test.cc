// What README.md says of the settings is what the program has.

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <string>
#include <vector>

#include "config/option_table.h"
#include "tests/support/source_tree.h"

namespace {

using bearer::config::Kind;
using bearer::config::Option;

std::string spelling(const Option& option) {
  if (option.can_be(bearer::config::kFlag)) return option.flag();
  return option.can_be(bearer::config::kEnvironment) ? option.environment() : option.key();
}

/// The setting's line in the table of README.md.
std::string row(const Option& option) {
  std::string value(option.default_text);
  if (option.kind == Kind::boolean) value = "off";
  const std::string shown = value.empty() ? "" : "`" + value + "` ";
  return "| `" + spelling(option) + "` | " + shown + "| " + std::string(option.help) + " |";
}

std::vector<std::string> readme() {
  std::ifstream in(bearer::test::source_tree() / "README.md");
  REQUIRE(in.good());
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

}  // namespace

TEST_CASE("README.md lists every setting with its default and meaning, and no other") {
  std::vector<std::string> expected;
  for (const Option& option : bearer::config::option_table()) expected.push_back(row(option));

  std::vector<std::string> listed;
  bool inside = false;
  for (const std::string& line : readme()) {
    if (line.starts_with("| setting | default |")) {
      inside = true;
    } else if (!line.starts_with("|")) {
      inside = false;
    } else if (inside && !line.starts_with("| ---")) {
      listed.push_back(line);
    }
  }
  for (std::size_t i = 0; i < std::max(expected.size(), listed.size()); ++i) {
    const std::string table = i < expected.size() ? expected[i] : "(no more settings)";
    const std::string here = i < listed.size() ? listed[i] : "(no more lines)";
    REQUIRE(here == table);
  }
}
