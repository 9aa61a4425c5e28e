// A credential's tokens come from one of several sources.
#include <doctest/doctest.h>

#include <algorithm>

#include "tests/unit/config/configuring.h"

using namespace bearer;
using namespace bearer::config;

namespace {

Configuring with_source(std::vector<std::string> more) {
  more.insert(more.begin(), {"--upstream", "https://api.example.com"});
  return {.arguments = std::move(more), .files = {{"f", "x"}}};
}

}  // namespace

TEST_CASE("a token's file or command needs no OAuth at all") {
  const Configuring file = with_source({"--token-file", "f", "--refresh-margin", "7s"});
  REQUIRE(file.errors() == "");
  CHECK(file.settings().credentials.at(0).token_file == "f");
  CHECK(file.settings().credentials.at(0).refresh_margin == std::chrono::seconds(7));

  const Configuring command = with_source({"--token-command", "aws 'get token' --x"});
  REQUIRE(command.errors() == "");
  CHECK(command.settings().credentials.at(0).token_command ==
        std::vector<std::string>{"aws", "get token", "--x"});
}

TEST_CASE("a secret's file that the environment names is no error beside a token's file") {
  Configuring with_secret = with_source({"--token-file", "f"});
  with_secret.environment["BEARER_PROXY_CLIENT_SECRET_FILE"] = "s";
  CHECK(with_secret.errors() == "");
  CHECK(with_source({"--token-file", "f", "--client-secret-file", "s"})
            .errors()
            .starts_with("client_secret_file = "));
}

TEST_CASE("settings that are of no use beside a token's file or command are errors") {
  CHECK(with_source({"--token-file", "f", "--token-command", "c"}).blames("token_file = \"f\""));
  CHECK(with_source({"--token-file", "f", "--scope", "s"}).blames("scope = \"s\""));
  CHECK(with_source({"--token-command", "c", "--token-url", "https://a.example"})
            .blames("token_url = "));
  CHECK(with_source({"--token-file", "missing"}).blames("token_file = \"missing\""));
  CHECK(with_source({"--token-command", "hush 'x"}).blames("token_command = ***"));
}

TEST_CASE("an entry with a token's file may stand beside flat settings of OAuth") {
  Configuring configuring = with_file(R"({
    "token_url": "https://login.example.com/token", "client_id": "c", "upstream": "https://a.example",
    "credentials": {"a": {}, "b": {"token_file": "f"}},
    "routes": [{"credential": "a"}, {"path": "/b", "credential": "b"}]})");
  configuring.files["f"] = "x";
  REQUIRE(configuring.errors() == "");
  CHECK(configuring.settings().credentials.at(1).token_file == "f");
}

TEST_CASE("an issuer stands for a token_url, and beside one it is whom assertions are for") {
  Configuring configuring = complete();
  *std::ranges::find(configuring.arguments, "--token-url") = "--issuer";
  REQUIRE(configuring.errors() == "");
  const token::CredentialOptions found = configuring.settings().credentials.at(0);
  CHECK(found.issuer->text() == "https://login.example.com/token");
  CHECK(found.token_url.host == "");

  const token::CredentialOptions both =
      complete_with({"--issuer", "https://i.example/x"}).settings().credentials.at(0);
  CHECK(both.token_url.host == "login.example.com");
  CHECK(both.issuer->host == "i.example");

  CHECK(complete_with({"--issuer", "http://i.example"}).errors().find("plain http to another") !=
        std::string::npos);
  CHECK(complete_with({"--issuer", "https://i.example?x"})
            .errors()
            .find("an issuer has no query (?)") != std::string::npos);
}

TEST_CASE("dpop binds tokens to a key that may be in a file") {
  CHECK_FALSE(complete().settings().credentials.at(0).dpop);
  const token::CredentialOptions fresh = complete_with({"--dpop"}).settings().credentials.at(0);
  CHECK(fresh.dpop);
  CHECK(fresh.dpop_key_file == "");
  Configuring keyed = complete_with({"--dpop", "--dpop-key-file", "k.pem"});
  keyed.files["k.pem"] = "x";
  REQUIRE(keyed.errors() == "");
  CHECK(keyed.settings().credentials.at(0).dpop_key_file == "k.pem");
}

TEST_CASE("a key for DPoP is refused where it is of no use, and wanted where it must last") {
  Configuring unused = complete_with({"--dpop-key-file", "k.pem"});
  unused.files["k.pem"] = "x";
  CHECK(unused.blames("dpop_key_file = "));
  CHECK(complete_with({"--dpop", "--dpop-key-file", "k.pem"}).blames("dpop_key_file = "));

  Configuring shared = complete_with({"--dpop", "--token-store", "file:/run/x"});
  CHECK(shared.errors().find("dpop_key_file") != std::string::npos);
  shared.arguments.insert(shared.arguments.end(), {"--dpop-key-file", "k.pem"});
  shared.files["k.pem"] = "x";
  CHECK(shared.errors() == "");

  Configuring without_secret = complete_with(
      {"--dpop", "--grant", "refresh_token", "--refresh-token-file", "r", "--auth-method", "none"});
  without_secret.environment.clear();
  without_secret.files["r"] = "x";
  CHECK(without_secret.errors().find("is bound to the key that it was got with") !=
        std::string::npos);

  CHECK(with_source({"--token-file", "f", "--dpop"}).errors().find("of no use beside token_file") !=
        std::string::npos);
}
