#include "base/encoding.h"

#include <doctest/doctest.h>

using namespace bearer::base;

namespace {
constexpr std::pair<const char*, const char*> kRfc4648Vectors[] = {
    {"", ""},
    {"f", "Zg=="},
    {"fo", "Zm8="},
    {"foo", "Zm9v"},
    {"foob", "Zm9vYg=="},
    {"fooba", "Zm9vYmE="},
    {"foobar", "Zm9vYmFy"},
};
}  // namespace

TEST_CASE("base64 follows the vectors of RFC 4648") {
  for (const auto& [bytes, text] : kRfc4648Vectors) {
    CHECK(base64_encode(bytes) == text);
    CHECK(base64url_decode(text) == bytes);
  }
  CHECK(base64_encode("\xfb\xff\xfe") == "+//+");
  CHECK(base64url_encode("\xfb\xff\xfe") == "-__-");
  CHECK(base64url_encode("f") == "Zg");
}

TEST_CASE("every byte comes back from base64url") {
  std::string bytes;
  for (int i = 0; i < 256; ++i) {
    bytes += static_cast<char>(i);
    CHECK(base64url_decode(base64url_encode(bytes)) == bytes);
  }
}

TEST_CASE("base64url takes any padding, as JWTs come") {
  for (const char* text : {"Zg", "Zg=", "Zg==", "Zg===", "Zh"})
    CHECK(base64url_decode(text) == "f");
  CHECK(base64url_decode("====") == "");
}

TEST_CASE("base64url refuses a foreign character and a length that no bytes have") {
  for (const char* bad :
       {"Z", "Zm9vY", "Zg==Zg", "Z g", "Zm9v\n", "+//+", "Zm.v", "Zm\xc3v", "=Zg"}) {
    CAPTURE(bad);
    CHECK_FALSE(base64url_decode(bad));
  }
  CHECK_FALSE(base64url_decode(std::string_view("Zm\0v", 4)));
}

TEST_CASE("base64 is read with any padding, and base64url is not taken for it") {
  for (const auto& [bytes, text] : kRfc4648Vectors) CHECK(base64_decode(text) == bytes);
  CHECK(base64_decode("+//+") == "\xfb\xff\xfe");
  CHECK(base64_decode("Zm9vYg") == "foob");
  for (const char* bad : {"-__-", "Z", "Zg==Zg", "Z g"}) CHECK_FALSE(base64_decode(bad));
}

TEST_CASE("hex is two lower-case digits a byte") {
  CHECK(hex_encode("") == "");
  CHECK(hex_encode(std::string_view("\x00\x0f\xa5\xff", 4)) == "000fa5ff");
}

TEST_CASE("hex is read in either case, and nothing else is") {
  CHECK(hex_decode("00fFa5") == std::string("\x00\xff\xa5", 3));
  CHECK(hex_decode("") == "");
  for (const char* text : {"0", "0g", " 00", "0x00"}) {
    CAPTURE(text);
    CHECK_FALSE(hex_decode(text).has_value());
  }
}

TEST_CASE("a percent-encoded byte is a percent sign and two digits at the beginning") {
  CHECK(percent_decoded_byte("%4a") == 'J');
  CHECK(percent_decoded_byte("%fFb") == '\xff');
  for (const std::string_view text : {"", "%", "%4", "%4g", "%g4", "4a%", "x4a", "x%4a"}) {
    CAPTURE(text);
    CHECK_FALSE(percent_decoded_byte(text).has_value());
  }
}
