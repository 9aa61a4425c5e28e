#include "token/oauth/content_coding.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "base/encoding.h"

using namespace bearer;

namespace {

// printf '{"access_token":"tok"}' | gzip -n, and the same by zlib
constexpr const char* kGzip = "H4sIAAAAAAACA6tWSkxOTi0uji_Jz07NU7JSAtJKtQBOwDGHFgAAAA";
constexpr const char* kZlib = "eJyrVkpMTk4tLo4vyc9OzVOyUgLSSrUAXh4H-w";
// The deflate data alone; gzip's in two members; gzip of gzip, and of that; gzip with zeros behind.
constexpr const char* kBare = "q1ZKTE5OLS6OL8nPTs1TslIC0kq1AA";
constexpr const char* kMembers =
    "H4sIAAAAAAACA6tWSkxOTi0ujgcA3awW9wkAAAAfiwgAAAAAAAIDK8nPTs1TslIqyc9WqgUAp9LSoA0AAAA";
constexpr const char* kTwice =
    "H4sIAAAAAAACA5Pv5mAAASbm1WFePn5-unp9-ifP-50N3hTEdMlrK4PfAcN2MaA8AGzr8KgoAAAA";
constexpr const char* kThrice =
    "H4sIAAAAAAACA5Pv5mAAASbmye-fJTAwqj27mhhnV1e3q6r2l_r533N574kcKTmZrd18n_"
    "FwmeECG4ac1x9WaAA1AAC6vRwcOQAAAA";
constexpr const char* kPadded = "H4sIAAAAAAACA6tWSkxOTi0uji_Jz07NU7JSAtJKtQBOwDGHFgAAAAAAAAAA";
constexpr std::string_view kPlain = R"({"access_token":"tok"})";

std::string given(std::string_view codings, std::string_view bytes, std::size_t bytes_max = 1000) {
  const auto body = token::decode_content(codings, base::Secret(std::string(bytes)), bytes_max);
  return body ? std::string(body->reveal()) : "none";
}

std::string decoded(std::string_view codings, const char* base64url, std::size_t bytes_max = 1000) {
  return given(codings, base::base64url_decode(base64url).value(), bytes_max);
}

}  // namespace

TEST_CASE("an answer that is compressed without being asked for is read") {
  for (const char* coding : {"gzip", "GZIP", "x-gzip"}) CHECK(decoded(coding, kGzip) == kPlain);
  CHECK(decoded("deflate", kZlib) == kPlain);
  for (const char* coding : {"", "identity"}) CHECK(given(coding, kPlain) == kPlain);
}

TEST_CASE("what the bytes are counts before what the field says") {
  for (const char* codings : {"", "identity", "identity, gzip", "gzip, gzip", "gzip , identity",
                              "deflate", "br", "none", "gzip;q=1"}) {
    CAPTURE(codings);
    CHECK(decoded(codings, kGzip) == kPlain);
    CHECK(decoded(codings, kZlib) == kPlain);
    CHECK(decoded(codings, kMembers) == kPlain);
    CHECK(decoded(codings, kTwice) == kPlain);
    CHECK(decoded(codings, kPadded) == kPlain);
  }
  for (const char* codings : {"", "identity", "gzip", "deflate", "br", "gzip, deflate", "utf8",
                              "ISO-8859-1", "none", "aws-chunked", "8bit"}) {
    CAPTURE(codings);
    CHECK(given(codings, kPlain) == kPlain);
    CHECK(given(codings, " \r\n{\"name\": \"M\xfcller\"}") == " \r\n{\"name\": \"M\xfcller\"}");
    CHECK(given(codings, "").empty());
  }
  for (const char* codings : {"deflate", "Deflate", "identity, deflate"}) {
    CHECK(decoded(codings, kBare) == kPlain);
  }
  // A token alone may begin as zlib's data does, and anything may stand behind JSON.
  for (const std::string_view text : {"x^2~token", "hC.token", "a.b.c", "<html>"}) {
    CHECK(given("", text) == text);
    CHECK(given("utf-8", text) == text);
  }
  CHECK(given("", std::string_view("{}\0", 3)).size() == 3);
}

TEST_CASE("a coding that is not known, a damaged body and one that grows too large are no answer") {
  CHECK(given("br", "\x0b\x02\x80{}\x03") == "none");
  CHECK(given("gzip, zstd", "\x28\xb5\x2f\xfd\x04") == "none");
  CHECK(decoded("", kBare) != kPlain);
  CHECK(decoded("deflate", "q1ZKTE5OLS4") == "none");
  for (const char* codings : {"gzip", ""}) {
    CAPTURE(codings);
    CHECK(decoded(codings, "H4sIAAAAAAACA6tWSkxOTi0u") == "none");
    CHECK(decoded(codings, kGzip, kPlain.size() - 1) == "none");
    CHECK(decoded(codings, kMembers, kPlain.size() - 1) == "none");
    CHECK(decoded(codings, kGzip, kPlain.size()) == kPlain);
    CHECK(decoded(codings, kThrice) == "none");
  }
  CHECK(decoded("gzip", "bm8gZ3ppcA") == "none");
  CHECK(decoded("deflate", kBare, kPlain.size() - 1) == "none");
}
