// What must be seen nowhere: the client's secret and the token.
#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <string_view>

#include "tests/support/temporary_directory.h"
#include "tests/system/curl.h"
#include "tests/system/proxy.h"

using namespace bearer::test;
using Json = nlohmann::json;

namespace {

// With signs that a form, a percent sign or base64 would change.
constexpr const char* kSecret = "Tr0ub4dor+3/%&x=";

/// The secret as it is, inside a form, and inside `Basic` in both encodings.
constexpr const char* kSecretShapes[] = {kSecret, "Tr0ub4dor", "VHIwdWI0ZG9y", "OlRyMHViNGRvc",
                                         "pUcjB1YjRkb3"};

std::string read_all(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void check_hidden(const std::string& where, const std::string& text, const std::string& token) {
  CAPTURE(where);
  CHECK_FALSE(text.empty());
  for (const char* shape : kSecretShapes) CHECK((text.find(shape) == std::string::npos));
  CHECK((text.find(token) == std::string::npos));
}

/// The token that the upstream was sent last.
std::string token_seen(const Reply& echo) {
  const Json seen = Json::parse(echo.body);
  for (const Json& field : seen.at("fields")) {
    if (field.at(0) == "Authorization") return field.at(1).get<std::string>().substr(7);
  }
  return "";
}

}  // namespace

TEST_CASE("neither token nor secret is in a log, an answer of the proxy's own or its arguments") {
  const Sandbox sandbox({"--client-secret", kSecret, "--token-format", "opaque"});
  for (const char* format : {"text", "json"}) {
    CAPTURE(format);
    const TemporaryDirectory directory;
    Proxy proxy(Strings{"--log-level", "debug", "--log-format", format, "--upstream", sandbox.url(),
                        "--client-secret-file", directory.write("secret", kSecret), "--access-log",
                        directory.path("access"), "--access-log-query", "--backoff-base", "1ms",
                        "--max-retries", "1"} +
                    credential_of(sandbox),
                {});
    const std::string token = token_seen(curl({proxy.url("/echo")}));
    REQUIRE(token.size() > 10);
    check_hidden("arguments",
                 read_all("/proc/" + std::to_string(proxy.program().pid()) + "/cmdline"), token);

    const Strings refused[] = {
        {"-H", "Host: evil.example", proxy.url("/")},
        {"-X", "TRACE", proxy.url("/")},
        {"-H", "Origin: https://evil.example", proxy.url("/")},
        {"--path-as-is", proxy.url("/../x")},
    };
    std::string answers;
    for (const Strings& arguments : refused) {
      const Reply reply = curl(arguments);
      answers += reply.head + reply.body;
    }
    check_hidden("answers", answers, token);

    CHECK(curl({proxy.url("/status/500")}).status == 500);
    // The upstream itself says the token: in what the proxy quotes of it.
    const std::string challenge = "WWW-Authenticate=Bearer%20error%3D%22" + token +
                                  "%22%2C%20error_description%3D%22" + token + "%22";
    CHECK(curl({proxy.url("/status/403?" + challenge)}).status == 403);
    CHECK(curl({proxy.url("/status/401?" + challenge)}).status == 401);

    const std::string log = proxy.end();
    check_hidden("log", log, token);
  }
}
