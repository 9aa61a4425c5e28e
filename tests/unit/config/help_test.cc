#include "config/help.h"

#include <doctest/doctest.h>

#include "config/option_table.h"
#include "config/subcommand.h"

using namespace bearer::config;

TEST_CASE("help shows each setting with its default, environment name and config key") {
  const std::string text = help("");
  CHECK(text.find("  --refresh-margin D") != std::string::npos);
  CHECK(text.find("[120s] BEARER_PROXY_REFRESH_MARGIN, refresh_margin") != std::string::npos);
  for (const Option& option : option_table()) {
    CAPTURE(option.name);
    if (option.can_be(kFlag)) CHECK(text.find("  " + option.flag()) != std::string::npos);
    if (option.can_be(kEnvironment)) CHECK(text.find(option.environment()) != std::string::npos);
    if (option.can_be(kKey)) CHECK(text.find(option.key()) != std::string::npos);
  }
}

TEST_CASE("a command's help shows what it takes beside the settings") {
  const std::string text = help("exec");
  CHECK(text.find("bearer-proxy exec [settings] -- COMMAND [ARG...]") != std::string::npos);
  CHECK(text.find("listen 127.0.0.1:0, admin off, log-level warn") != std::string::npos);
  CHECK(text.find("  --env NAME ") != std::string::npos);
  CHECK(help("serve").find("--env") == std::string::npos);
}

TEST_CASE("help fits into 100 columns") {
  std::string text = help("");
  for (const Subcommand& subcommand : subcommands()) text += help(subcommand.name);
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = text.find('\n', start);
    CAPTURE(text.substr(start, end - start));
    CHECK(end - start <= 100);
    start = end + 1;
  }
}

TEST_CASE("a command's help says how it ends") {
  CHECK(help("token").find("3 no token could be had") != std::string::npos);
  CHECK(help("check").find("upstream not reached") != std::string::npos);
  CHECK(help("exec").find("128+N if signal N") != std::string::npos);
}
