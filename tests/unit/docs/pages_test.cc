// The pages for people name each other and the program's flags as they are.
#include <doctest/doctest.h>

#include <filesystem>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "config/option_table.h"
#include "config/subcommand.h"
#include "tests/support/content.h"
#include "tests/support/pages.h"
#include "tests/support/source_tree.h"

using namespace bearer;

namespace {

namespace fs = std::filesystem;

/// As a forge makes it of a heading.
std::string anchor(const std::string& heading) {
  std::string made;
  for (const char c : heading) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == ' ') made += '-';
    if (std::isalnum(byte) != 0 || c == '-' || c == '_') made += static_cast<char>(std::tolower(c));
  }
  return made;
}

std::set<std::string> anchors(const std::string& page) {
  std::set<std::string> found;
  std::istringstream lines(page);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("#")) found.insert(anchor(line.substr(line.find_first_not_of("# "))));
  }
  return found;
}

/// All that `pattern` captures first.
std::vector<std::string> captures(const std::string& text, const std::regex& pattern) {
  std::vector<std::string> found;
  for (std::sregex_iterator it(text.begin(), text.end(), pattern), end; it != end; ++it) {
    found.push_back((*it)[1]);
  }
  return found;
}

bool is_flag(const std::string& name) {
  if (name == "help" || name == "version") return true;
  for (const config::Subcommand& command : config::subcommands()) {
    for (const config::CommandFlag& flag : command.flags) {
      if (flag.name == name) return true;
    }
  }
  const config::Option* option = config::find_option(name);
  return option != nullptr && option->can_be(config::kFlag);
}

}  // namespace

TEST_CASE("every link between the pages leads to a file, and to a heading where it names one") {
  const std::regex link(R"(\]\(([^)]+)\))");
  const auto all = test::pages();
  int seen = 0;
  for (const auto& [path, text] : all) {
    CAPTURE(path);
    for (const std::string& target : captures(text, link)) {
      if (target.find("://") != std::string::npos) continue;
      CAPTURE(target);
      const std::size_t hash = target.find('#');
      const fs::path file =
          hash == 0 ? path : (path.parent_path() / target.substr(0, hash)).lexically_normal();
      CHECK(fs::exists(file));
      if (hash != std::string::npos) {
        REQUIRE(all.contains(file));
        CHECK(anchors(all.at(file)).contains(target.substr(hash + 1)));
      }
      ++seen;
    }
  }
  CHECK(seen > 30);
}

TEST_CASE("every flag that a page names is one that the program has") {
  const std::regex flag("`--([a-z][a-z-]*)");
  int seen = 0;
  for (const auto& [path, text] : test::pages()) {
    CAPTURE(path);
    for (const std::string& name : captures(text, flag)) {
      CAPTURE(name);
      CHECK(is_flag(name));
      ++seen;
    }
  }
  CHECK(seen > 50);
}

TEST_CASE("the README is short enough to be read") {
  CHECK(test::content(test::source_tree() / "README.md").size() <= 10'000);
}
