// What the program says to a person, asserted as a whole in one place: sentences.golden. Elsewhere
// tests look for the code, the setting or a value, so that a rewording touches one file.
//
// In that file, what begins a line says what follows it: `+ ARGUMENTS` is the answer to them beside
// a complete configuration, `$ ARGUMENTS` to them alone (NAME=VALUE goes into the environment), `{`
// to a config file beside the preset genesys. BEARER_GOLDEN=write has the test write the answers.
#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "base/advice.h"
#include "base/argv.h"
#include "base/errc.h"
#include "http/head_fault.h"
#include "relay/replies/local_reply.h"
#include "tests/support/content.h"
#include "tests/support/source_tree.h"
#include "tests/unit/config/configuring.h"

using namespace bearer;

namespace {

const std::filesystem::path kGolden = test::source_tree() / "tests/unit/sentences.golden";

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

/// `text` as lines of their own behind what they answer.
std::string indented(const std::string& text) {
  std::string out;
  for (const std::string& line : lines_of(text)) out += "  " + line + "\n";
  return out;
}

config::Configuring configuring(const std::string& line) {
  if (line.starts_with('{')) {
    config::Configuring made = config::with_file(line);
    made.arguments.insert(made.arguments.end(), {"--preset", "genesys", "--client-id", "a"});
    return made;
  }
  config::Configuring made = line.starts_with('+') ? config::complete() : config::Configuring{};
  made.files["f"] = "x";
  if (line.size() < 3) return made;
  const std::vector<std::string> words = base::split_argv(line.substr(2)).value();
  for (const std::string& word : words) {
    const std::size_t end = word.find('=');
    const bool variable = end != std::string::npos && word.starts_with("BEARER_PROXY_");
    if (!variable) made.arguments.push_back(word);
    if (variable) made.environment[word.substr(0, end)] = word.substr(end + 1);
  }
  return made;
}

std::string advices() {
  std::string out;
  constexpr int kLast = static_cast<int>(base::Trouble::ports_used_up);
  for (int i = 0; i <= kLast; ++i) {
    out += "  " + base::advice_on(static_cast<base::Trouble>(i), "SETTING") + "\n";
  }
  return out;
}

std::string head_faults() {
  std::string out;
  constexpr int kLast = static_cast<int>(http::HeadFault::host_malformed);
  for (int i = 1; i <= kLast; ++i) {
    const auto fault = static_cast<http::HeadFault>(i);
    out += "  " + std::to_string(http::reply_status(fault)) + " " +
           std::string(http::sentence(fault)) + "\n";
  }
  return out;
}

std::string replies() {
  std::string out;
  constexpr int kLast = static_cast<int>(base::Errc::address_unusable);
  for (int i = 0; i <= kLast; ++i) {
    const auto code = static_cast<base::Errc>(i);
    const relay::LocalReply reply = relay::reply_for(code, "");
    out += "  " + std::string(base::name(code)) + ": " + std::to_string(reply.status) + " " +
           std::string(reply.error) + "\n";
  }
  return out;
}

/// The golden file with the answers of today.
std::string today(const std::string& golden) {
  std::string out;
  for (const std::string& line : lines_of(golden)) {
    if (line.starts_with("  ")) continue;
    out += line + "\n";
    if (line == "advice") out += advices();
    if (line == "a head that is refused") out += head_faults();
    if (line == "replies of our own") out += replies();
    if (line.find_first_of("+${") == 0) out += indented(configuring(line).errors());
  }
  return out;
}

}  // namespace

TEST_CASE("every sentence to a person is the one in the golden file") {
  const std::string golden = test::content(kGolden);
  const std::string now = today(golden);
  const char* write = std::getenv("BEARER_GOLDEN");
  if (write && std::string_view(write) == "write") std::ofstream(kGolden) << now;
  const std::vector<std::string> expected = lines_of(test::content(kGolden)), said = lines_of(now);
  CHECK(expected.size() == said.size());
  std::string question;
  for (std::size_t i = 0; i < std::min(expected.size(), said.size()); ++i) {
    if (!said[i].starts_with("  ")) question = said[i];
    CAPTURE(question);
    REQUIRE(said[i] == expected[i]);
  }
}

TEST_CASE("every line of the golden file that is a question has an answer") {
  const std::vector<std::string> lines = lines_of(test::content(kGolden));
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].find_first_of("+${") != 0) continue;
    CAPTURE(lines[i]);
    CHECK((i + 1 < lines.size() && lines[i + 1].starts_with("  ")));
  }
}
