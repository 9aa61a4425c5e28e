#include "http/chars.h"

#include <doctest/doctest.h>

#include <cctype>

using namespace bearer::http;

TEST_CASE("every byte is in the classes that the grammar puts it in") {
  const std::string_view separators = "\"(),/:;<=>?@[\\]{}";
  for (int byte = 0; byte < 256; ++byte) {
    CAPTURE(byte);
    const char c = static_cast<char>(byte);
    const bool visible = byte > 0x20 && byte < 0x7f;
    CHECK(is_visible_char(c) == visible);
    CHECK(is_token_char(c) == (visible && separators.find(c) == std::string_view::npos));
    CHECK(is_text_char(c) == (visible || byte == ' ' || byte == '\t' || byte >= 0x80));
    CHECK(is_blank(c) == (byte == ' ' || byte == '\t'));
  }
}

TEST_CASE("a token has a character, and no other than its own") {
  CHECK(is_token("chunked"));
  CHECK(is_token("a!#$%&'*+-.^_`|~9"));
  CHECK_FALSE(is_token(""));
  CHECK_FALSE(is_token("a b"));
  CHECK_FALSE(is_token("a;b"));
  CHECK_FALSE(is_token("\"a\""));
}
