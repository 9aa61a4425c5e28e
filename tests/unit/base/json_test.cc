#include "base/json.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <regex>
#include <string>
#include <vector>

#include "tests/support/content.h"
#include "tests/support/source_tree.h"

using namespace bearer;
using base::json_too_deep;

namespace {

/// `open` so many times.
std::string levels(int count, std::string_view open = "[") {
  std::string text;
  for (int i = 0; i < count; ++i) text += open;
  return text;
}

}  // namespace

TEST_CASE("64 levels of JSON are read, 65 are too many") {
  CHECK_FALSE(json_too_deep(""));
  CHECK_FALSE(json_too_deep(levels(64)));
  CHECK(json_too_deep(levels(65)));
  CHECK_FALSE(json_too_deep(levels(64, "{\"a\":")));
  CHECK(json_too_deep(levels(65, "{\"a\":")));
  CHECK(json_too_deep(levels(32, "[{\"a\": ") + "[" + "1"));
}

TEST_CASE("what is closed again does not count, nor do brackets in strings and comments") {
  std::string many;
  for (int i = 0; i < 1000; ++i) many += "[{\"a\":[]}],";
  CHECK_FALSE(json_too_deep(many));
  CHECK_FALSE(json_too_deep("\"" + levels(100) + "\""));
  CHECK_FALSE(json_too_deep("\"\\\"" + levels(100) + "\""));
  CHECK_FALSE(json_too_deep("// \" " + levels(100)));
  CHECK_FALSE(json_too_deep("/* \" // " + levels(100) + "*/ 1"));
}

TEST_CASE("nothing hides levels from the count that a reader would read") {
  using namespace std::string_literals;
  for (const std::string& before :
       {"\"a\" "s, "\"\\\\\""s, "// \"\n"s, "// \"\r"s, "// \0"s, "/* \" */"s, "/**/"s, "/*/*/"s,
        "/ "s, "]]]]]]]"s, "}"s, "\"[[\","s}) {
    CAPTURE(before);
    CHECK(json_too_deep(before + levels(65)));
  }
}

TEST_CASE("every part of proxy/ that parses JSON bounds its nesting") {
  namespace fs = std::filesystem;
  static const std::regex kParses(R"(\b[jJ]son::(parse|accept|sax_parse)\()");
  std::vector<std::string> found;
  const fs::path proxy = test::source_tree() / "proxy";
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(proxy)) {
    if (entry.path().extension() != ".cc" && entry.path().extension() != ".h") continue;
    const std::string text = test::content(entry.path());
    if (!std::regex_search(text, kParses)) continue;
    CAPTURE(entry.path().string());
    CHECK(text.find("json_too_deep(") != std::string::npos);
    found.push_back(entry.path().filename());
  }
  // Those of the configuration, of external accounts, and of all that the token module reads.
  CHECK(found.size() == 3);
}
