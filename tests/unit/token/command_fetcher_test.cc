#include "token/command_fetcher.h"

#include <doctest/doctest.h>

#include <chrono>
#include <string>

#include "tests/support/finished.h"

using namespace bearer;
using namespace std::chrono_literals;

namespace {

base::Result<token::Fetched> fetch(const std::string& prints) {
  net::Loop loop(base::system_clock());
  token::Reaper reaper(loop);
  token::CommandFetcher fetcher({{"printf", "%s", prints}, 30s}, [](std::string_view) {}, reaper,
                                {});
  return test::finished(loop, fetcher.fetch());
}

}  // namespace

TEST_CASE("a command prints a token alone, or JSON that says how long it lives") {
  CHECK(fetch("tok\n")->value.reveal() == "tok");
  CHECK(fetch("tok\n")->lifetime() == 1h);
  CHECK(fetch(R"({"access_token":"tok","expires_in":60,"scope":"s"})")->lifetime() == 60s);
  CHECK(fetch(R"({"access_token":"tok","scope":"s"})")->scope == "s");
}

TEST_CASE("a lifetime that says nothing is the usual one, and an absurd one is bounded") {
  for (const char* lifetime : {"0", "null", "\"soon\""}) {
    CAPTURE(lifetime);
    CHECK(
        fetch(R"({"access_token":"tok","expires_in":)" + std::string(lifetime) + "}")->lifetime() ==
        1h);
  }
  CHECK(fetch(R"({"access_token":"tok","expires_in":1e300})")->lifetime() ==
        std::chrono::years(10));
  CHECK(fetch(R"({"access_token":"tok","expires_in":"3600"})")->lifetime() == 1h);
}

TEST_CASE("what is no token is refused, in words that name the command") {
  const auto fetched = fetch("<html>hush</html>");
  REQUIRE_FALSE(fetched.has_value());
  CHECK(fetched.error().code == base::Errc::token_malformed);
  CHECK(fetched.error().sentence() ==
        "the output of the token command is a page, not a token: check token_command");
}

TEST_CASE("a command line that only a shell understands is told so") {
  for (const char* words : {"|", "&&", "$(cat"}) {
    CAPTURE(words);
    net::Loop loop(base::system_clock());
    token::Reaper reaper(loop);
    token::CommandFetcher fetcher({{"echo", "tok", words, "cat"}, 30s}, [](std::string_view) {},
                                  reaper, {});
    const auto fetched = test::finished(loop, fetcher.fetch());
    REQUIRE_FALSE(fetched.has_value());
    CHECK(fetched.error().fix.find("sh -c") != std::string::npos);
  }
}
