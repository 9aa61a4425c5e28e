#include "base/advice.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <regex>
#include <set>
#include <sstream>
#include <string>

#include "config/option_table.h"
#include "tests/support/content.h"
#include "tests/support/source_tree.h"

using namespace bearer;
using base::advice_on;
using base::Trouble;

namespace {

namespace fs = std::filesystem;

/// The flags that stand in string literals of a source, comments left out.
std::vector<std::string> flags_in(const std::string& source) {
  static const std::regex kLiteral(R"re("(?:[^"\\\n]|\\.)*")re");
  static const std::regex kFlag(R"((?:^|[^-\w])(--[a-z][a-z-]*))");
  std::vector<std::string> found;
  std::istringstream lines(source);
  for (std::string line; std::getline(lines, line);) {
    line.resize(std::min(line.size(), line.find("//")));
    for (std::sregex_iterator it(line.begin(), line.end(), kLiteral), end; it != end; ++it) {
      const std::string literal = it->str();
      for (std::sregex_iterator flag(literal.begin(), literal.end(), kFlag); flag != end; ++flag) {
        found.push_back((*flag)[1]);
      }
    }
  }
  return found;
}

}  // namespace

TEST_CASE("every trouble has its advice, and the setting stands where it is asked for") {
  constexpr int kLast = static_cast<int>(Trouble::ports_used_up);
  std::set<std::string> all;
  for (int trouble = 0; trouble <= kLast; ++trouble) {
    CAPTURE(trouble);
    const std::string advice = advice_on(static_cast<Trouble>(trouble), "somewhere");
    CHECK_FALSE(advice.empty());
    CHECK(advice.find('{') == std::string::npos);
    all.insert(advice);
  }
  CHECK(all.size() >= kLast - 1);
  CHECK(advice_on(Trouble::refused, "issuer") == "check issuer and that it is up");
}

TEST_CASE("a flag that the table of advice names is one of the program's") {
  const std::string table = test::content(test::source_tree() / "proxy/base/advice.cc");
  const auto flags = flags_in(table);
  REQUIRE(flags.size() > 15);
  for (const std::string& flag : flags) {
    CAPTURE(flag);
    const config::Option* option = config::find_option(flag.substr(2));
    REQUIRE(option != nullptr);
    CHECK(option->can_be(config::kFlag));
  }
}

TEST_CASE("below config no other file names a flag to a person") {
  const fs::path proxy = test::source_tree() / "proxy";
  int seen = 0;
  for (const char* folder : {"base", "http", "net", "wire", "token", "admin", "relay"}) {
    if (!fs::exists(proxy / folder)) continue;
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(proxy / folder)) {
      const fs::path& path = entry.path();
      if (path.extension() != ".cc" && path.extension() != ".h") continue;
      if (path.filename() == "advice.cc") continue;
      CAPTURE(path.string());
      CHECK(flags_in(test::content(path)) == std::vector<std::string>{});
      ++seen;
    }
  }
  CHECK(seen > 200);
}

TEST_CASE("a flag is found in a literal, not in a comment or a variable") {
  CHECK(flags_in("return \"see --rate\";") == std::vector<std::string>{"--rate"});
  CHECK(flags_in("say(\"--a-b or (--c)\");") == std::vector<std::string>{"--a-b", "--c"});
  CHECK(flags_in("--left; // \"see --rate\"").empty());
  CHECK(flags_in("\"-----BEGIN\" \"a--b\"").empty());
}
