#include "http/quoted_string.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace bearer::http;

TEST_CASE("a separator inside of quotes separates nothing") {
  struct {
    const char* text;
    std::vector<std::string> elements;
  } const cases[] = {
      {"", {}},
      {"a", {"a"}},
      {" a , b\t,c ", {"a", "b", "c"}},
      {"a,,b,", {"a", "", "b"}},
      {R"(a="x,y", b)", {R"(a="x,y")", "b"}},
      {R"(a="x\",y", b)", {R"(a="x\",y")", "b"}},
      {R"(a="x\\",b)", {R"(a="x\\")", "b"}},
      {R"(a="never closed, b)", {R"(a="never closed, b)"}},
      {R"(a="ends in \)", {R"(a="ends in \)"}},
      {R"(a\,b)", {R"(a\)", "b"}},  // a backslash escapes in quotes only
  };
  for (const auto& c : cases) {
    CAPTURE(c.text);
    std::string_view rest = c.text;
    std::vector<std::string> elements;
    while (!rest.empty()) elements.emplace_back(take_element(rest, ','));
    CHECK(elements == c.elements);
  }
}

TEST_CASE("a parameter is cut at its first equals sign") {
  struct {
    const char* text;
    const char* name;
    const char* value;
  } const cases[] = {
      {"", "", ""},          {"a", "a", ""},  {"a=b", "a", "b"},         {" a = b ", "a", "b"},
      {"a=b=c", "a", "b=c"}, {"=b", "", "b"}, {"a=\"b\"", "a", "\"b\""},
  };
  for (const auto& c : cases) {
    const Parameter parameter = split_parameter(c.text);
    CHECK(parameter.name == c.name);
    CHECK(parameter.value == c.value);
  }
}

TEST_CASE("unquoting removes the quotes and the escapes") {
  struct {
    const char* value;
    const char* inside;
    const char* text;
  } const cases[] = {
      {"plain", "plain", "plain"},
      {R"(pl\ain)", R"(pl\ain)", R"(pl\ain)"},
      {R"("")", "", ""},
      {R"(")", "", ""},
      {R"("a b")", "a b", "a b"},
      {R"("a \"b\" \\c")", R"(a \"b\" \\c)", R"(a "b" \c)"},
      {R"("open)", "open", "open"},
      {R"("a\)", R"(a\)", R"(a\)"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.value);
    CHECK(inside_quotes(c.value) == c.inside);
    CHECK(unquote(c.value) == c.text);
  }
}
