#include "deploy/docs/manual.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "config/option_table.h"
#include "config/option_text.h"
#include "config/subcommand.h"

using namespace bearer;

namespace {

/// Returns what a reader sees of it.
std::string without_escapes(const std::string& page) {
  std::string text;
  for (std::size_t i = 0; i < page.size(); ++i) {
    if (page[i] == '\\' && i + 1 < page.size() && page[i + 1] == '-') continue;
    text += page[i];
  }
  return text;
}

}  // namespace

TEST_CASE("the manual page holds every setting, command and flag of a command") {
  const std::string page = without_escapes(docs::manual("1.2.3"));
  CHECK(page.starts_with(".TH BEARER-PROXY 1 \"\" \"bearer-proxy 1.2.3\""));
  for (const config::Option& option : config::option_table()) {
    CAPTURE(option.name);
    if (option.can_be(config::kFlag)) CHECK(page.find(option.flag()) != std::string::npos);
    if (option.can_be(config::kEnvironment)) {
      CHECK(page.find(option.environment()) != std::string::npos);
    }
  }
  for (const config::Subcommand& command : config::subcommands()) {
    CAPTURE(command.name);
    CHECK(page.find("\\fB" + std::string(command.name)) != std::string::npos);
    CHECK(page.find(command.exit_statuses) != std::string::npos);
    CHECK(page.find(config::own_defaults(command)) != std::string::npos);
    for (const config::CommandFlag& flag : command.flags) {
      CHECK(page.find("--" + std::string(flag.name)) != std::string::npos);
    }
  }
}

TEST_CASE("no text of the tables is a request to the manual page's formatter") {
  const std::string page = docs::manual("1");
  for (std::size_t at = 0; (at = page.find("\n.", at)) != std::string::npos; ++at) {
    const std::string request = page.substr(at + 2, page.find_first_of(" \n", at + 2) - at - 2);
    CAPTURE(request);
    const char* known[] = {"TH", "SH", "SS", "TP", "B", "br", "RS", "RE", "EX", "EE", "ad"};
    CHECK(std::ranges::find(known, request) != std::end(known));
  }
}
