#include "base/utf8.h"

#include <doctest/doctest.h>

#include <optional>
#include <string>

using namespace bearer::base;

TEST_CASE("a code point is taken whole, or one byte is where there is none") {
  struct Case {
    std::string_view text;
    std::optional<char32_t> point;
    std::size_t taken;
  };
  const Case cases[] = {
      {"a", U'a', 1},
      {std::string_view("\0", 1), U'\0', 1},
      {"\x7f"
       "a",
       U'\x7f', 1},
      {"\xc2\x80", U'\u0080', 2},
      {"\xdf\xbf"
       "a",
       U'\u07ff', 2},
      {"\xe0\xa0\x80", U'\u0800', 3},
      {"\xed\x9f\xbf", char32_t{0xd7ff}, 3},
      {"\xef\xbf\xbf", U'\uffff', 3},
      {"\xf0\x90\x80\x80", U'\U00010000', 4},
      {"\xf4\x8f\xbf\xbf", U'\U0010ffff', 4},
      {"\x80", {}, 1},  // a continuation without a beginning
      {"\xc2", {}, 1},  // cut short
      {"\xe0\xa0", {}, 1},
      {"\xf0\x90\x80", {}, 1},
      {"\xc2"
       "a",
       {},
       1},                  // not continued
      {"\xc1\xbf", {}, 1},  // overlong
      {"\xe0\x9f\xbf", {}, 1},
      {"\xf0\x8f\xbf\xbf", {}, 1},
      {"\xed\xa0\x80", {}, 1},      // surrogate
      {"\xf4\x90\x80\x80", {}, 1},  // beyond U+10FFFF
      {"\xff", {}, 1},
  };
  for (const Case& c : cases) {
    std::string_view rest = c.text;
    CHECK(take_code_point(rest) == c.point);
    CHECK(c.text.size() - rest.size() == c.taken);
  }
}

TEST_CASE("a text is UTF-8 if all of it is") {
  CHECK(is_utf8(""));
  CHECK(is_utf8("pl\xc3\xa4in"));
  CHECK_FALSE(is_utf8("pl\xe4in"));
  CHECK_FALSE(is_utf8("cut\xc3"));
  CHECK_FALSE(is_utf8("\xed\xa0\x80"));  // a surrogate
}

TEST_CASE("each byte of Latin-1 is a character") {
  CHECK(utf8_of_latin1("") == "");
  CHECK(utf8_of_latin1("a\x7f") == "a\x7f");
  CHECK(utf8_of_latin1("\x80\xbf\xc0\xff") == "\xc2\x80\xc2\xbf\xc3\x80\xc3\xbf");
  std::string every;
  for (int byte = 0; byte < 256; ++byte) every += static_cast<char>(byte);
  CHECK(is_utf8(utf8_of_latin1(every)));
}
