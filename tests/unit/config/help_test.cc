#include "config/help.h"

#include <doctest/doctest.h>

#include "config/option_table.h"
#include "config/subcommand.h"

using namespace bearer::config;

namespace {

/// One line, each run of blanks as one.
std::string unwrapped(const std::string& text) {
  std::string line;
  for (const char c : text) {
    const bool blank = c == ' ' || c == '\n';
    if (!blank || !line.ends_with(' ')) line += blank ? ' ' : c;
  }
  return line;
}

}  // namespace

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
  for (const Subcommand& subcommand : subcommands()) {
    CHECK(help(subcommand.name).find("--max-retries") == std::string::npos);
  }
}

TEST_CASE("help fits into 80 columns") {
  std::string text = help("");
  for (const Subcommand& subcommand : subcommands()) text += help(subcommand.name);
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = text.find('\n', start);
    CAPTURE(text.substr(start, end - start));
    CHECK(end - start < 80);
    start = end + 1;
  }
}

TEST_CASE("a command's help says how it ends") {
  CHECK(unwrapped(help("token")).find("3 no token could be had") != std::string::npos);
  CHECK(unwrapped(help("check")).find("refused the request") != std::string::npos);
  CHECK(unwrapped(help("exec")).find("128+N if signal N") != std::string::npos);
}

TEST_CASE("help shows one topic or one setting, where it is asked about that") {
  const std::string retries = help("", "retries");
  CHECK(retries.starts_with("Retries:"));
  CHECK(retries.find("--max-retries") != std::string::npos);
  CHECK(retries.find("--listen") == std::string::npos);
  for (const char* spelling : {"max-retries", "--max-retries", "max_retries"}) {
    CAPTURE(spelling);
    const std::string one = help("", spelling);
    CHECK(one.find("BEARER_PROXY_MAX_RETRIES") != std::string::npos);
    CHECK(one.find("--backoff-base") == std::string::npos);
  }
  CHECK(no_help_on("") == "");
  CHECK(no_help_on("retries") == "");
  CHECK(no_help_on("max_retries") == "");
  CHECK(no_help_on("non\nsense").starts_with("there is no help on non?sense; topics: "));
}

TEST_CASE("a word that is no topic leads to the settings that are about it") {
  struct Row {
    const char* word;
    const char* there;
  };
  for (const Row& row :
       {Row{"env", "BEARER_PROXY_TOKEN_URL"}, Row{"environment", "BEARER_PROXY_TOKEN_URL"},
        Row{"env", "--env NAME"}, Row{"wait", "--token-wait"}, Row{"wait", "--wait D"},
        Row{"Waits", "--token-wait"}, Row{"timeout", "--connect-timeout"},
        Row{"retry", "--retry-window"}, Row{"limit", "--max-in-flight"}, Row{"log", "--log-level"},
        Row{"presets", "--preset NAME"}, Row{"metrics", "--admin ADDR"},
        Row{"opentelemetry", "--otlp-endpoint"}}) {
    CAPTURE(row.word);
    CHECK(no_help_on(row.word) == "");
    CHECK(help("", row.word).find(row.there) != std::string::npos);
    CHECK(help("", row.word).find("Usage: ") == std::string::npos);
  }
  CHECK(help("", "timeout").find("--token-wait") == std::string::npos);
}

TEST_CASE("a word that is nearly one of ours is met with that") {
  CHECK(no_help_on("retires").find("did you mean retries?") != std::string::npos);
  CHECK(no_help_on("heathcheck").find("did you mean healthcheck?") != std::string::npos);
  CHECK(no_help_on("bakoff-base").find("did you mean backoff-base?") != std::string::npos);
}

TEST_CASE("help shows how the program is used") {
  CHECK(help("").find("bearer-proxy exec --config api.json") != std::string::npos);
  CHECK(help("").find("help TOPIC") != std::string::npos);
}
