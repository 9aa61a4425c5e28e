#include "tests/sandbox/encoding.h"

#include <doctest/doctest.h>

using namespace bearer::sandbox;

TEST_CASE("base64url brings back any bytes, whatever the padding would be") {
  for (const std::string bytes : {"", "a", "ab", "abc", "\xff\xfe\xfd", "\x00\xfb\xf0"}) {
    const std::string text = encode_base64url(bytes);
    CHECK(text.find_first_of("+/=") == std::string::npos);
    CHECK(decode_base64url(text) == bytes);
  }
}

TEST_CASE("what is not base64 is no bytes") {
  for (const char* text : {"a", "abc", "ab!d", "=abc", "ab\ncd"}) {
    CAPTURE(text);
    CHECK_FALSE(decode_base64(text));
  }
  CHECK(decode_base64("YTpi") == "a:b");
  CHECK(decode_base64("YQ==") == "a");
}

TEST_CASE("a form is read as browsers and RFC 6749 write it") {
  const auto form = parse_form("a=1&b=x+y%21&c&=d&&e=1=2&f=%4&g=%");
  const std::vector<Pair> expected = {{"a", "1"},   {"b", "x y!"}, {"c", ""}, {"", "d"},
                                      {"e", "1=2"}, {"f", "%4"},   {"g", "%"}};
  CHECK(form == expected);
}

TEST_CASE("a number is digits alone") {
  CHECK(parse_number("18446744073709551615") == 18446744073709551615U);
  for (const char* text : {"", "-1", "+1", " 1", "1 ", "0x1", "18446744073709551616"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_number(text));
  }
}

TEST_CASE("a date is an IMF-fixdate") {
  CHECK(format_date(WallTime(std::chrono::seconds(784111777))) == "Sun, 06 Nov 1994 08:49:37 GMT");
}
