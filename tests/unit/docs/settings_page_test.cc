#include "deploy/docs/settings_page.h"

#include <doctest/doctest.h>

#include <sstream>
#include <string>

#include "config/option_table.h"
#include "tests/support/content.h"
#include "tests/support/source_tree.h"

using namespace bearer;

TEST_CASE("deploy/docs/settings.md is what the table of settings makes") {
  std::istringstream committed(test::content(test::source_tree() / "deploy/docs/settings.md"));
  std::istringstream made(docs::settings_page());
  INFO("`make docs` writes the page from the table.");
  std::string line;
  for (std::string expected; std::getline(made, expected);) {
    REQUIRE(std::getline(committed, line));
    REQUIRE(line == expected);
  }
  CHECK_FALSE(std::getline(committed, line));
}

TEST_CASE("the page of settings has a row for every setting and key") {
  const std::string page = docs::settings_page();
  for (const config::Option& option : config::option_table()) {
    CAPTURE(option.name);
    const std::string name = option.can_be(config::kFlag)          ? option.flag()
                             : option.can_be(config::kEnvironment) ? option.environment()
                                                                   : option.key();
    CHECK(page.find("\n| `" + name) != std::string::npos);
    CHECK(page.find(option.help) != std::string::npos);
  }
}
