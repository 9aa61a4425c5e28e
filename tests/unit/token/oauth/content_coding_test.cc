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
constexpr std::string_view kPlain = R"({"access_token":"tok"})";

std::string decoded(std::string_view coding, const char* base64url, std::size_t bytes_max = 1000) {
  const auto body = token::decode_content(
      coding, base::Secret(base::base64url_decode(base64url).value()), bytes_max);
  return body ? std::string(body->reveal()) : "none";
}

}  // namespace

TEST_CASE("an answer that is compressed without being asked for is read") {
  for (const char* coding : {"gzip", "GZIP", "x-gzip"}) CHECK(decoded(coding, kGzip) == kPlain);
  CHECK(decoded("deflate", kZlib) == kPlain);
  const base::Secret plain{std::string(kPlain)};
  for (const char* coding : {"", "identity"}) {
    CHECK(token::decode_content(coding, plain, 1000)->reveal() == kPlain);
  }
}

TEST_CASE("a coding that is not known, a damaged body and one that grows too large are no answer") {
  CHECK(decoded("br", kGzip) == "none");
  CHECK(decoded("gzip, gzip", kGzip) == "none");
  CHECK(decoded("gzip", "H4sIAAAAAAACA6tWSkxOTi0u") == "none");
  CHECK(decoded("gzip", "bm8gZ3ppcA") == "none");
  CHECK(decoded("gzip", kGzip, kPlain.size() - 1) == "none");
  CHECK(decoded("gzip", kGzip, kPlain.size()) == kPlain);
}
