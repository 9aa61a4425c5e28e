// The examples of the pages for people: what they tell to paste, the program accepts.
#include <doctest/doctest.h>

#include <regex>
#include <sstream>
#include <string>
#include <vector>

#include "config/command_line.h"
#include "tests/support/pages.h"

using namespace bearer;

namespace {

constexpr const char* kConfiguration = R"({"upstream": "https://api.example.com",
  "token_url": "https://login.example.com/token", "client_id": "ID"})";

/// Returns what the program has against `arguments`, on a machine that has every file and `secret`
/// in the environment; empty where it accepts them.
std::string objection(const std::vector<std::string>& arguments, const std::string& configuration) {
  const config::Files files{[&](const std::string& path) -> base::Result<std::string> {
                              if (path.ends_with(".fields")) return "X-Api-Key: secret";
                              return path.ends_with(".json") ? configuration : "secret";
                            },
                            [](const std::string&) { return std::string(); }};
  const config::Environment environment = {{"BEARER_PROXY_CLIENT_SECRET", "secret"},
                                           {"CRM_SECRET", "secret"},
                                           {"AZURE_TENANT_ID", "tenant"},
                                           {"AZURE_CLIENT_ID", "client"},
                                           {"AZURE_FEDERATED_TOKEN_FILE", "token"}};
  try {
    config::parse_command_line(arguments, environment, files);
  } catch (const config::ConfigError& error) {
    return error.what();
  }
  return "";
}

/// The content of the blocks in `language`, with continued lines joined.
std::vector<std::string> blocks(const std::string& page, const std::string& language) {
  std::vector<std::string> found;
  const std::string fence = "```" + language + "\n";
  for (std::size_t at = 0; (at = page.find(fence, at)) != std::string::npos;) {
    at += fence.size();
    const std::string block = page.substr(at, page.find("\n```", at) + 1 - at);
    found.push_back(std::regex_replace(block, std::regex("\\\\\n *"), ""));
  }
  return found;
}

/// As a shell takes it apart, as far as the pages go: quotes and comments. A variable in lower case
/// stands for an address.
std::vector<std::string> words(const std::string& written) {
  const std::string line = std::regex_replace(written, std::regex("\\$[a-z]+"), "192.0.2.1") + " ";
  std::vector<std::string> found;
  std::string word;
  char quote = 0;
  for (const char c : line) {
    if (quote != 0) {
      if (c == quote) {
        quote = 0;
      } else {
        word += c;
      }
    } else if (c == '\'' || c == '"') {
      quote = c;
    } else if (c != ' ') {
      word += c;
    } else if (word.starts_with('#') || word == "&" || word == "|") {
      break;
    } else if (!word.empty()) {
      found.push_back(std::exchange(word, ""));
    }
  }
  return found;
}

/// The command lines of the program on a page, without its own name.
std::vector<std::string> command_lines(const std::string& page) {
  std::vector<std::string> found;
  const std::regex program("^(?:build/)?bearer-proxy (.*--.*)$");
  const auto take = [&](const std::string& line) {
    std::smatch match;
    if (std::regex_match(line, match, program)) found.push_back(match[1]);
  };
  for (const std::string& block : blocks(page, "sh")) {
    std::istringstream lines(block);
    for (std::string line; std::getline(lines, line);) take(line);
  }
  const std::regex inline_code("`([^`\n[]+)`");  // `[settings]` is no command line
  for (std::sregex_iterator it(page.begin(), page.end(), inline_code), end; it != end; ++it) {
    take((*it)[1]);
  }
  return found;
}

}  // namespace

TEST_CASE("every configuration that a page shows is one that the program accepts") {
  int seen = 0;
  for (const auto& [path, page] : test::pages()) {
    CAPTURE(path);
    for (const std::string& block : blocks(page, "json")) {
      CAPTURE(block);
      CHECK(objection({"--config", "page.json"}, block) == "");
      ++seen;
    }
  }
  CHECK(seen > 0);
}

TEST_CASE("every command line that a page shows is one that the program accepts") {
  int seen = 0;
  for (const auto& [path, page] : test::pages()) {
    CAPTURE(path);
    for (const std::string& line : command_lines(page)) {
      CAPTURE(line);
      CHECK(objection(words(line), kConfiguration) == "");
      ++seen;
    }
  }
  CHECK(seen > 10);
}
