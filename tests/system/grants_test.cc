// Each grant and each client authentication: the real program against a token endpoint that takes
// nothing else, and verifies it by OpenSSL's own means.
#include <doctest/doctest.h>
#include <poll.h>

#include <chrono>
#include <filesystem>
#include <string>

#include "base/clock.h"
#include "tests/support/content.h"
#include "tests/support/raw_message.h"
#include "tests/support/raw_server.h"
#include "tests/support/temporary_directory.h"
#include "tests/support/test_ca.h"
#include "tests/support/test_keys.h"
#include "tests/system/curl.h"
#include "tests/system/proxy.h"
#include "token/oauth/assertion.h"

using namespace bearer;
using namespace bearer::test;

namespace {

/// A key, and its files.
struct KeyFiles {
  explicit KeyFiles(EVP_PKEY* key)
      : private_file(directory.write("private.pem", private_pem(key))),
        public_file(directory.write("public.pem", public_pem(key))) {}

  TemporaryDirectory directory;
  std::string private_file, public_file;
};

/// Runs `bearer-proxy token` on this sandbox with these settings.
Finished ask_token(const Sandbox& sandbox, const Strings& settings, const Strings& env = {}) {
  return run(proxy_command(Strings{"token", "--token-url", sandbox.url("/oauth/token")} + settings),
             env);
}

void check_granted(const Finished& finished) {
  CHECK(finished.err == "");
  CHECK(finished.status == 0);
  CHECK(finished.out.size() > 20);
}

void check_refused(const Finished& finished, const std::string& why) {
  CHECK(finished.status == 3);
  CAPTURE(finished.err);
  CHECK(finished.err.find(why) != std::string::npos);
}

std::string signed_jwt(EVP_PKEY* key, const std::string& audience) {
  const auto signing =
      token::SigningKey::make(base::Secret(private_pem(key)), token::JwsAlgorithm::by_key);
  REQUIRE(signing.has_value());
  const auto made =
      token::sign_assertion({.issuer = "issuer", .subject = "job", .audience = audience}, *signing,
                            base::system_clock().wall());
  REQUIRE(made.has_value());
  return std::string(made->reveal());
}

}  // namespace

TEST_CASE("private_key_jwt is accepted with every kind of key, and another key is not") {
  const Key keys[] = {rsa_key(), ec_key(), ed25519_key()};
  const KeyFiles other(ed25519_key().get());
  for (const Key& key : keys) {
    CAPTURE(EVP_PKEY_get0_type_name(key.get()));
    const KeyFiles files(key.get());
    const Sandbox sandbox(
        {"--auth-method", "private_key_jwt", "--client-public-key", files.public_file});
    const Strings settings = {"--client-id", "sandbox", "--auth-method", "private_key_jwt"};
    check_granted(ask_token(sandbox, settings + Strings{"--client-key", files.private_file}));
    check_granted(ask_token(sandbox, settings + Strings{"--client-key", files.private_file}));
    check_refused(ask_token(sandbox, settings + Strings{"--client-key", other.private_file}),
                  "401 invalid_client");
  }
}

TEST_CASE("an RSA key signs PS256 where it is asked to") {
  const Key key = rsa_key();
  const KeyFiles files(key.get());
  const Sandbox sandbox(
      {"--auth-method", "private_key_jwt", "--client-public-key", files.public_file});
  check_granted(
      ask_token(sandbox, {"--client-id", "sandbox", "--auth-method", "private_key_jwt",
                          "--client-key", files.private_file, "--assertion-algorithm", "PS256"}));
}

TEST_CASE("an assertion for another audience is refused, and so is a client of another id") {
  const Key key = ec_key();
  const KeyFiles files(key.get());
  const Sandbox sandbox(
      {"--auth-method", "private_key_jwt", "--client-public-key", files.public_file});
  const Strings settings = {"--auth-method", "private_key_jwt", "--client-key", files.private_file};
  check_refused(
      ask_token(sandbox, settings + Strings{"--client-id", "sandbox", "--assertion-audience",
                                            "https://elsewhere/token"}),
      "401 invalid_client");
  check_refused(ask_token(sandbox, settings + Strings{"--client-id", "another"}),
                "401 invalid_client");
}

TEST_CASE("client_secret_jwt is signed with the secret, which is never sent") {
  const Sandbox sandbox({"--auth-method", "client_secret_jwt"});
  const Strings settings = {"--client-id", "sandbox", "--auth-method", "client_secret_jwt"};
  check_granted(ask_token(sandbox, settings, kSandboxSecret));
  check_refused(ask_token(sandbox, settings, {"BEARER_PROXY_CLIENT_SECRET=wrong"}),
                "401 invalid_client");
}

TEST_CASE("tls_client_auth shows its certificate to the token endpoint and to the upstream") {
  TestCa ca;
  const Leaf server = ca.leaf();
  const Leaf client = ca.leaf({"DNS:client.example"});
  const Sandbox sandbox({"--tls-cert", server.cert_file, "--tls-key", server.key_file,
                         "--tls-client-ca", ca.ca_file(), "--auth-method", "tls_client_auth"});
  const Strings trust = {"--ca-file", ca.ca_file(),    "--client-id",
                         "sandbox",   "--auth-method", "tls_client_auth"};
  const Strings shown = {"--client-cert", client.cert_file, "--client-key", client.key_file};
  check_granted(ask_token(sandbox, trust + shown));
  const Proxy proxy(
      Strings{"--upstream", sandbox.url(), "--token-url", sandbox.url("/oauth/token")} + trust +
          shown,
      {});
  CHECK(curl({proxy.url("/api/v2/whoami?id=1")}).status == 200);

  const Leaf expired = ca.leaf({"DNS:client.example"}, /*expired=*/true);
  const Finished refused = ask_token(sandbox, trust + Strings{"--client-cert", expired.cert_file,
                                                              "--client-key", expired.key_file});
  CHECK(refused.status == 2);  // as serve ends: it is our own file
  CHECK(refused.err.find("client_cert: it cannot be used") != std::string::npos);
}

TEST_CASE("a public client names itself, and nothing else") {
  const Sandbox sandbox({"--auth-method", "none"});
  check_granted(ask_token(sandbox, {"--client-id", "sandbox", "--auth-method", "none"}));
  check_refused(ask_token(sandbox, {"--client-id", "sandbox"}, kSandboxSecret),
                "400 invalid_request");
}

TEST_CASE("a refresh token is rotated at each use, and none is used twice") {
  const Sandbox sandbox({"--refresh-token", "first", "--auth-method", "none"});
  const TemporaryDirectory directory;
  const std::string file = directory.write("grant", "first\n");
  const Strings settings = {"--client-id",          "sandbox", "--grant", "refresh_token",
                            "--refresh-token-file", file};
  std::string before = "first\n";
  for (int use = 0; use < 3; ++use) {
    check_granted(ask_token(sandbox, settings));
    CHECK(content(file) != before);
    before = content(file);
  }
  directory.write("grant", "first\n");
  check_refused(ask_token(sandbox, settings), "400 invalid_grant");
}

TEST_CASE("the next refresh token is waited for beyond --token-wait, which its request has spent") {
  const TemporaryDirectory directory;
  const RawServer slow([](RawConnection& connection) {
    const std::string head = connection.read_until("\r\n\r\n");
    const std::string form =
        connection.read_bytes(std::stoul(head.substr(head.find("Content-Length: ") + 16)));
    pollfd left{.fd = connection.fd(), .events = POLLRDHUP, .revents = 0};
    if (poll(&left, 1, 1500) == 0) {  // longer than the wait and the second beside it
      connection.write(
          form.find("refresh_token=first") == std::string::npos
              ? answer("400 Bad Request", R"({"error":"invalid_grant"})")
              : answer("200 OK",
                       R"({"access_token":"tok","refresh_token":"second","expires_in":99})"));
    }
  });
  const auto settings = [&](const std::string& file) {
    return Strings{"--token-url",
                   "http://127.0.0.1:" + std::to_string(slow.port()),
                   "--upstream",
                   "http://127.0.0.1:1",
                   "--client-id",
                   "app",
                   "--auth-method",
                   "none",
                   "--grant",
                   "refresh_token",
                   "--token-wait",
                   "100ms",
                   "--refresh-token-file",
                   file};
  };
  for (const char* command : {"token", "check"}) {
    CAPTURE(command);
    const std::string file = directory.write("grant", "first\n");
    const Finished finished = run(proxy_command(Strings{command} + settings(file)), {kNoAdminPort});
    CHECK(content(file) == "second\n");
    CHECK(finished.out.starts_with(std::string_view(command) == "token" ? "tok\n" : "ok"));
  }
  check_refused(run(proxy_command(Strings{"token"} + settings(directory.write("grant", "spent"))),
                    {kNoAdminPort}),
                "400 invalid_grant");
}

TEST_CASE("the next refresh token is saved whatever an answer says of its own bytes") {
  const std::string body =
      "{\"access_token\":\"tok\",\"refresh_token\":\"second\",\"owner\":\"M\xfcller\"}";
  for (const char* fields : {"Content-Type: application/json; charset=ISO-8859-1\r\n",
                             "Content-Encoding: utf-8\r\n", "Content-Encoding: deflate\r\n"}) {
    CAPTURE(fields);
    const RawServer server([&](RawConnection& connection) {
      connection.read_until("\r\n\r\n");
      connection.write("HTTP/1.1 200 OK\r\n" + std::string(fields) +
                       "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
    });
    const TemporaryDirectory directory;
    const std::string file = directory.write("grant", "first\n");
    const Finished finished = run(
        proxy_command({"token", "--token-url", "http://127.0.0.1:" + std::to_string(server.port()),
                       "--client-id", "app", "--auth-method", "none", "--grant", "refresh_token",
                       "--refresh-token-file", file}),
        {kNoAdminPort});
    CHECK(finished.out == "tok\n");
    CHECK(content(file) == "second\n");
  }
}

TEST_CASE("processes with files of their own rotate one refresh token by way of a store") {
  const Sandbox sandbox({"--refresh-token", "first", "--auth-method", "none"});
  const TemporaryDirectory directory;
  const std::string file = directory.path("grant");
  const Strings settings = Strings{
      "--upstream",           sandbox.url(), "--token-url",   sandbox.url("/oauth/token"),
      "--client-id",          "sandbox",     "--grant",       "refresh_token",
      "--refresh-token-file", file,          "--token-store", "file:" + directory.path("store")};
  directory.write("grant", "first\n");
  const Proxy one(settings, {});
  CHECK(curl({one.url("/api/v2/whoami?id=1")}).status == 200);
  directory.write("grant", "first\n");  // as another host's file still has it
  const Proxy other(settings, {});
  CHECK(curl({other.url("/api/v2/whoami?id=1")}).status == 200);
  for (int i = 0; i < 3; ++i) {
    sandbox.revoke();
    CHECK(curl({other.url("/api/v2/whoami?id=1")}).status == 200);
    CHECK(curl({one.url("/api/v2/whoami?id=1")}).status == 200);
  }
  CHECK(sandbox.stats().at("tokens").at("requests") == 4);
}

TEST_CASE("a password is for its user") {
  const Sandbox sandbox({"--user", "ann", "--password", "p&w=", "--auth-method", "none"});
  const TemporaryDirectory directory;
  const Strings settings = {"--client-id", "sandbox", "--grant",        "password",
                            "--username",  "ann",     "--password-file"};
  check_granted(ask_token(sandbox, settings + Strings{directory.write("right", "p&w=\n")}));
  check_refused(ask_token(sandbox, settings + Strings{directory.write("wrong", "p&w\n")}),
                "400 invalid_grant");
}

TEST_CASE("an assertion is a grant once: one that is signed here is new each time") {
  const Key key = ec_key();
  const KeyFiles files(key.get());
  const Sandbox sandbox({"--grant-public-key", files.public_file, "--auth-method", "none"});
  const Strings grant = {"--grant", "jwt_bearer"};
  const Strings own = grant + Strings{"--client-id", "sandbox", "--client-key",  files.private_file,
                                      "--username",  "ann",     "--auth-method", "none"};
  check_granted(ask_token(sandbox, own));
  check_granted(ask_token(sandbox, own));

  const std::string audience = sandbox.url("/oauth/token");
  const std::string ready = files.directory.write("ready", signed_jwt(key.get(), audience));
  const Strings given = grant + Strings{"--client-id", "sandbox", "--assertion-file", ready};
  check_granted(ask_token(sandbox, given));
  check_refused(ask_token(sandbox, given), "the assertion: jti replayed");
}

TEST_CASE("a Google service account's key file is a grant as it is downloaded") {
  const Key key = rsa_key();
  const KeyFiles files(key.get());
  const Sandbox sandbox(
      {"--grant-public-key", files.public_file, "--auth-method", "none", "--client-id", ""});
  const std::string account = files.directory.write(
      "account.json", nlohmann::json{{"type", "service_account"},
                                     {"client_email", "job@example.iam"},
                                     {"private_key_id", "k1"},
                                     {"private_key", private_pem(key.get())},
                                     {"token_uri", sandbox.url("/oauth/token")}}
                          .dump());
  check_granted(ask_token(sandbox, {"--preset", "google", "--service-account-file", account}));
}

TEST_CASE("a subject token is exchanged, and read anew each time") {
  const Key key = ec_key();
  const KeyFiles files(key.get());
  const Sandbox sandbox({"--grant-public-key", files.public_file, "--auth-method", "none"});
  const std::string file =
      files.directory.write("subject", signed_jwt(key.get(), sandbox.url("/oauth/token")));
  const Strings settings = {"--client-id",          "sandbox", "--grant", "token_exchange",
                            "--subject-token-file", file};
  check_granted(ask_token(sandbox, settings));
  files.directory.write("subject", signed_jwt(key.get(), "https://elsewhere/token"));
  check_refused(ask_token(sandbox, settings), "the subject token: aud");
}

TEST_CASE("what cannot be used is said once, with the setting to look at") {
  const Sandbox sandbox({"--auth-method", "none"});
  const TemporaryDirectory directory;
  const Strings client = {"--client-id", "sandbox"};
  const Strings jwt = client + Strings{"--auth-method", "private_key_jwt", "--client-key"};
  const struct {
    Strings settings;
    int status;
    const char* why;
  } cases[] = {
      {jwt + Strings{directory.path("none")}, 2, "client_key"},
      {jwt + Strings{directory.write("text", "not a key")}, 2, "client_key"},
      {jwt + Strings{directory.write("p521", private_pem(ec_key("P-521").get()))}, 2, "client_key"},
      {jwt + Strings{directory.write("phrase", encrypted_pem(rsa_key().get()))}, 2, "client_key"},
      {client + Strings{"--client-secret-file", directory.write("blank", "\n")}, 2,
       "client_secret_file"},
      {client + Strings{"--auth-method", "none", "--token-header-file",
                        directory.write("fields", "X-Tenant north\n")},
       2, "token_header_file"},
      {Strings{"--grant", "jwt_bearer", "--service-account-file",
               directory.write("account", R"({"type":"authorized_user"})")},
       2, "service_account_file"},
  };
  for (const auto& c : cases) {
    const Finished finished = ask_token(sandbox, c.settings);
    CAPTURE(finished.err);
    CHECK(finished.status == c.status);
    CHECK(finished.err.find(c.why) != std::string::npos);
    CHECK(finished.out == "");
  }
  const Finished megabyte =
      run(proxy_command({"token", "--token-command", "head --bytes 1048576 /dev/zero"}));
  check_refused(megabyte, "token_command");
}

TEST_CASE(
    "an answer that is no token is said to be none, and a life that says nothing is an hour") {
  const Sandbox sandbox({"--auth-method", "none"});
  const Strings settings = Strings{"--client-id", "sandbox", "--auth-method", "none"};
  sandbox.script_tokens(nlohmann::json::array({"html"}));
  check_refused(ask_token(sandbox, settings), "check token_url");

  for (const char* life : {"0", "1e300", "\"3600\""}) {
    CAPTURE(life);
    const std::string body =
        std::string(R"({"access_token":"abc","token_type":"Bearer","expires_in":)") + life + "}";
    const nlohmann::json answer = {{"status", 200}, {"body", body}};
    sandbox.script_tokens(nlohmann::json::array({answer}));
    Proxy proxy(Strings{"--upstream", sandbox.url(), "--token-url", sandbox.url("/oauth/token"),
                        "--log-format", "json"} +
                    settings,
                {});
    const nlohmann::json line = nlohmann::json::parse(proxy.program().await_error("token fetched"));
    const double lifetime_s = line.at("lifetime_s");
    CHECK(lifetime_s == (std::string(life) == "1e300" ? 315'569'520.0 : 3600.0));
  }
}
