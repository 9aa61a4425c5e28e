// What must be seen nowhere: the client's secret and the token.
#include <doctest/doctest.h>

#include <string_view>

#include "tests/support/content.h"
#include "tests/support/temporary_directory.h"
#include "tests/system/curl.h"
#include "tests/system/proxy.h"
#include "tests/system/upstream.h"

using namespace bearer::test;
using Json = nlohmann::json;

namespace {

// With signs that a form, a percent sign or base64 would change.
constexpr const char* kSecret = "Tr0ub4dor+3/%&x=";

/// The secret as it is, inside a form, and inside `Basic` in both encodings.
constexpr const char* kSecretShapes[] = {kSecret, "Tr0ub4dor", "VHIwdWI0ZG9y", "OlRyMHViNGRvc",
                                         "pUcjB1YjRkb3"};

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
                 content("/proc/" + std::to_string(proxy.program().pid()) + "/cmdline"), token);

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

TEST_CASE("a secret on the command line is refused with the reason, and not repeated") {
  const Strings ways[] = {{"--client-secret", kSecret},
                          {std::string("--client-secret=") + kSecret},
                          {"token", "--client-secret", kSecret}};
  for (const Strings& arguments : ways) {
    CAPTURE(arguments.front());
    const Finished finished = run(proxy_command(arguments));
    CHECK(finished.status == 2);
    CHECK(finished.out == "");
    CHECK((finished.err.find(kSecret) == std::string::npos));
    for (const char* part : {"--client-secret is not a flag", "can read a process's arguments",
                             "--client-secret-file", "BEARER_PROXY_CLIENT_SECRET"}) {
      CAPTURE(part);
      CHECK(finished.err.find(part) != std::string::npos);
    }
  }
}

TEST_CASE("a secret in the config file is refused, and not repeated") {
  const TemporaryDirectory directory;
  const std::string file = directory.write("c.json", Json{{"client_secret", kSecret}}.dump());
  const Finished finished = run(proxy_command({"--config", file}));
  CHECK(finished.status == 2);
  CHECK(finished.err.find("client_secret") != std::string::npos);
  CHECK((finished.err.find(kSecret) == std::string::npos));
}

TEST_CASE("no command prints a secret, whichever way it is given") {
  const std::string secret = "hush-4471";
  const Sandbox sandbox({"--client-secret", secret});
  const TemporaryDirectory directory;
  const std::string file = directory.write("secret", secret);
  const std::string fields = directory.write("fields", "X-Key: " + secret + "\n");
  const std::string config =
      directory.write("config.json", R"({"client_secret_env": "MY_SECRET"})");
  const std::string entries =
      directory.write("entries.json", Json{{"set_header", {"X-Key: " + secret}},
                                           {"token_header", {"X-Key: " + secret}},
                                           {"token_param", {"pin=" + secret}}}
                                          .dump());
  const Strings known = Strings{"--upstream", sandbox.url(), "--token-wait", "100ms"};
  const Strings client = known + credential_of(sandbox);
  const Strings in_file = {"--client-secret-file", file};
  const std::string own = "BEARER_PROXY_CLIENT_SECRET=" + secret;
  struct Way {
    Strings settings, environment;
  };
  const Way ways[] = {
      {client + in_file, {}},
      {client, {own}},
      {client + Strings{"--config", config}, {"MY_SECRET=" + secret}},
      {known + Strings{"--preset", "genesys", "--token-url", sandbox.url("/oauth/token")},
       {"GENESYS_CLIENT_ID=sandbox", "GENESYS_CLIENT_SECRET=" + secret}},
      {client + in_file + Strings{"--auth-method", "client_secret_post"}, {}},
      {client + in_file + Strings{"--token-header-file", fields, "--set-header-file", fields}, {}},
      {client + in_file + Strings{"--config", entries}, {}},
      {client, {own, "BEARER_PROXY_TOKEN_HEADER=X-Key: " + secret}},
      {client, {own, "BEARER_PROXY_SET_HEADER=X-Key: " + secret}},
      {client, {own, "BEARER_PROXY_EGRESS_PROXY=http://me:" + secret + "@127.0.0.1:1"}},
      {client, {own, "BEARER_PROXY_TOKEN_STORE=redis://:" + secret + "@127.0.0.1:1"}},
      {client + Strings{"--grant", "refresh_token", "--refresh-token-file", file}, {}},
      {client + Strings{"--grant", "password", "--username", "u", "--password-file", file}, {}},
      {client + Strings{"--grant", "jwt_bearer", "--assertion-file", file}, {}},
      {client + Strings{"--grant", "token_exchange", "--subject-token-file", file}, {}},
      {client + Strings{"--client-assertion-file", file}, {}},
      {client + Strings{"--auth-method", "private_key_jwt", "--client-key", file}, {}},
      {known + Strings{"--token-command", "sh -c 'exit 1' " + secret}, {}},
  };
  for (const Way& way : ways) {
    CAPTURE(&way - ways);
    for (const Strings& command :
         {Strings{"check"}, Strings{"check", "--offline"}, Strings{"token"}, Strings{"exec"}}) {
      CAPTURE(command.back());
      const bool runs = command.front() == "exec";
      const Finished finished =
          run(proxy_command(command + way.settings +
                            (runs ? Strings{"--log-level", "debug", "--", "env"} : Strings{})),
              way.environment + Strings{kNoAdminPort});
      CHECK_FALSE((finished.out + finished.err).empty());
      CHECK((finished.out.find(secret) == std::string::npos));
      CHECK((finished.err.find(secret) == std::string::npos));
    }
  }
}

TEST_CASE("a token endpoint that repeats the secret does not bring it into the log") {
  const Sandbox sandbox;
  const Json answer = {{"status", 401},
                       {"body", Json{{"error", "invalid_client"},
                                     {"error_description", std::string("not ") + kSecret}}
                                    .dump()}};
  sandbox.script_tokens({answer, answer});
  const Strings secret = {std::string("BEARER_PROXY_CLIENT_SECRET=") + kSecret};
  const Strings settings = Strings{"--upstream", sandbox.url()} + credential_of(sandbox);
  const Finished checked = run(proxy_command(Strings{"check"} + settings), secret);
  CHECK(checked.status == 3);
  check_hidden("check", checked.out, kSecret);
  Proxy proxy(settings, secret);
  const Reply reply = curl({proxy.url("/")});
  CHECK(reply.status == 502);
  check_hidden("answer", reply.head + reply.body, kSecret);
  check_hidden("log", proxy.end(), kSecret);
}

TEST_CASE("an upstream that repeats the token does not bring it into what check says") {
  const Sandbox tokens({"--token-format", "opaque"});
  Upstream upstream;
  Program check(
      proxy_command(Strings{"check", "--upstream", upstream.origin()} + credential_of(tokens)),
      kSandboxSecret);
  RawSocket request = upstream.accept();
  const std::string mark = "Authorization: Bearer ";
  request.read_until(mark);
  const std::string line = request.read_until("\r\n");
  const std::string token = line.substr(0, line.size() - 2);
  request.send(answer(
      "401 Unauthorized", "",
      "WWW-Authenticate: Bearer error=\"" + token + "\", error_description=\"" + token + "\"\r\n"));
  CHECK(check.wait() == 4);
  const std::string said = check.read_rest();
  CHECK(said.find("401: it refuses the token") != std::string::npos);
  check_hidden("check", said, token);
}
