#include "config/field_lines.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

using namespace bearer;
using namespace std::string_view_literals;
using config::parse_field_line;

TEST_CASE("a line is a name, a colon and a value without the blanks around it") {
  struct Case {
    std::string_view line, name, value;
  };
  for (const Case& c :
       {Case{"X-Api-Key: a1b2", "X-Api-Key", "a1b2"}, Case{"X-Api-Key:a1b2", "X-Api-Key", "a1b2"},
        Case{"  A:\t b: c \r", "A", "b: c"}, Case{"Accept: a, b;q=0.5", "Accept", "a, b;q=0.5"},
        Case{"Empty:", "Empty", ""}, Case{"City: K\xc3\xb6ln", "City", "K\xc3\xb6ln"}}) {
    CAPTURE(c.line);
    const auto field = parse_field_line(c.line);
    REQUIRE(field.has_value());
    CHECK(field->name == c.name);
    CHECK(field->value.reveal() == c.value);
  }
}

TEST_CASE("what is no field is refused without a word of its value") {
  for (const std::string_view line :
       {"s3cret"sv, ": s3cret"sv, "A b: s3cret"sv, "A : s3cret"sv, ""sv, "K\xc3\xb6ln: s3cret"sv,
        "A: s3cret\rB: c"sv, "A: s3cret\nB: c"sv, "A: s3\0cret"sv, "A: s3cret\x7f"sv,
        "A\r\nB: s3cret"sv}) {
    CAPTURE(line);
    const auto field = parse_field_line(line);
    REQUIRE_FALSE(field.has_value());
    CHECK(field.error().detail.find("cret") == std::string::npos);
  }
}

TEST_CASE("blank lines and comments say nothing") {
  const auto lines = config::field_lines("\n \t\n\r\n# X-Api-Key: old\n  #\nA: #\r\nB: 2");
  REQUIRE(lines.size() == 2);
  CHECK(lines[0].where == "line 6: ");
  CHECK(parse_field_line(lines[0].text)->value == base::Secret("#"));
  CHECK(lines[1].text == "B: 2");
  CHECK(config::field_lines("").empty());
}
