#include "http/target.h"

#include <doctest/doctest.h>

using namespace bearer::http;

TEST_CASE("each of the four forms of a target is told apart") {
  struct {
    const char* text;
    Target expected;
  } const cases[] = {
      {"/", {TargetForm::origin, "", "", "/"}},
      {"/a/../b?c=d?e", {TargetForm::origin, "", "", "/a/../b?c=d?e"}},
      {"//host/x", {TargetForm::origin, "", "", "//host/x"}},
      {"/http://x/", {TargetForm::origin, "", "", "/http://x/"}},
      {"*", {TargetForm::asterisk, "", "", "*"}},
      {"http://h/a?b", {TargetForm::absolute, "http", "h", "/a?b"}},
      {"HTTPS://H:8443/%2e", {TargetForm::absolute, "HTTPS", "H:8443", "/%2e"}},
      {"http://h", {TargetForm::absolute, "http", "h", ""}},
      {"http://h?q", {TargetForm::absolute, "http", "h", "?q"}},
      {"http://[::1]:80/", {TargetForm::absolute, "http", "[::1]:80", "/"}},
      {"http://u:p@h/", {TargetForm::absolute, "http", "u:p@h", "/"}},  // parse_host() refuses it
      {"h:443", {TargetForm::authority, "", "h:443", ""}},
      {"[::1]:443", {TargetForm::authority, "", "[::1]:443", ""}},
  };
  for (const auto& c : cases) {
    CAPTURE(c.text);
    const auto target = parse_target(c.text);
    REQUIRE(target.has_value());
    CHECK((*target == c.expected));
  }
}

TEST_CASE("what is no form of a target is refused") {
  for (const char* bad :
       {"", "a", "a/b", "?q", "**", "*/", "http://", "http:///x", "://h/", "1a://h/", "h t://h",
        "a?b=http://h/", "h:443/x", "h:443?q", "/a#b", "http://h#b", "#"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_target(bad).has_value());
  }
}

TEST_CASE("the path ends where the query begins") {
  CHECK(path_of("/a/b?c?d") == "/a/b");
  CHECK(path_of("/a") == "/a");
  CHECK(path_of("?c") == "");
}
