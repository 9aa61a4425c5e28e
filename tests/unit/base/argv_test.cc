#include "base/argv.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace bearer;

TEST_CASE("a command line is split into words by blanks and quotes, and nothing is expanded") {
  using Words = std::vector<std::string>;
  struct Case {
    const char* text;
    Words words;
  };
  for (const Case& c : {
           Case{"a", {"a"}},
           Case{"  a\tb\n c ", {"a", "b", "c"}},
           Case{"a 'b c' \"d e\"", {"a", "b c", "d e"}},
           Case{"a'b'\"c\"d", {"abcd"}},
           Case{"a '' \"\"", {"a", "", ""}},
           Case{"a b\\ c \\\"", {"a", "b c", "\""}},
           Case{R"(a 'b\c"' "d\"e\\f\g")", {"a", "b\\c\"", "d\"e\\f\\g"}},
           Case{"a $HOME `b` *.c ~ | d > e", {"a", "$HOME", "`b`", "*.c", "~", "|", "d", ">", "e"}},
           Case{"sh -c 'a | b'", {"sh", "-c", "a | b"}},
       }) {
    CAPTURE(c.text);
    CHECK(base::split_argv(c.text).value() == c.words);
  }
}

TEST_CASE("a command line that cannot be split says why") {
  CHECK(base::split_argv("a 'b").error().detail == "a quote is not closed");
  CHECK(base::split_argv("a \"b\\\"").error().detail == "a quote is not closed");
  CHECK(base::split_argv("a \\").error().detail == "it ends with a backslash");
  CHECK(base::split_argv(" ").error().detail == "it names no program");
  CHECK(base::split_argv("'' a").error().detail == "it names no program");
}
