#include "token/aws/signature.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

using namespace bearer;
using namespace std::chrono_literals;
using token::AwsFields;

namespace {

const token::AwsKeys kKeys{"AKIDEXAMPLE", base::Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")};
constexpr base::WallTime kThen{1440938160s};  // 2015-08-30T12:36:00Z

AwsFields sign(std::string_view method, const std::string& url, const AwsFields& more = {},
               const token::AwsKeys& keys = kKeys) {
  return signed_fields(method, http::parse_url(url).value(), more, keys, {"us-east-1", "service"},
                       kThen);
}

std::string value(const AwsFields& fields, std::string_view name) {
  const auto found = std::ranges::find(fields, name, [](const auto& field) { return field.first; });
  return found == fields.end() ? "none" : found->second;
}

std::string authorization(const std::string& names, const std::string& signature) {
  return "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
         "SignedHeaders=" +
         names + ", Signature=" + signature;
}

}  // namespace

TEST_CASE("requests are signed as in the test suite that AWS has published") {
  struct Case {
    const char* name;
    const char* method;
    const char* path;
    AwsFields more;
    const char *names, *signature;
  };
  const Case cases[] = {
      {"get-vanilla",
       "GET",
       "/",
       {},
       "host;x-amz-date",
       "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
      {"get-vanilla, no path",
       "GET",
       "",
       {},
       "host;x-amz-date",
       "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
      {"post-vanilla",
       "POST",
       "/",
       {},
       "host;x-amz-date",
       "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"},
      {"get-vanilla-query-order-key-case",
       "GET",
       "/?Param2=value2&Param1=value1",
       {},
       "host;x-amz-date",
       "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"},
      {"post-header-value-case",
       "POST",
       "/",
       {{"my-header1", "VALUE1"}},
       "host;my-header1;x-amz-date",
       "cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.name);
    const AwsFields fields =
        sign(c.method, "https://example.amazonaws.com" + std::string(c.path), c.more);
    CHECK(value(fields, "authorization") == authorization(c.names, c.signature));
    CHECK(value(fields, "x-amz-date") == "20150830T123600Z");
    CHECK(value(fields, "host") == "example.amazonaws.com");
    CHECK(value(fields, "x-amz-security-token") == "none");
  }
}

TEST_CASE("the token of keys that end is sent and signed: post-sts-header-before") {
  token::AwsKeys keys = kKeys;
  const std::string session =
      "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSP"
      "fIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT"
      "7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlz"
      "m8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==";
  keys.session = base::Secret(std::string(session));
  const AwsFields fields = sign("POST", "https://example.amazonaws.com/", {}, keys);
  CHECK(value(fields, "x-amz-security-token") == session);
  CHECK(value(fields, "authorization") ==
        authorization("host;x-amz-date;x-amz-security-token",
                      "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead"));
}
