// The commands: what they write where, and their exit statuses.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "tests/support/message_server.h"
#include "tests/support/raw_message.h"
#include "tests/support/said.h"
#include "tests/support/temporary_directory.h"
#include "tests/system/curl.h"
#include "tests/system/proxy.h"
#include "tests/system/upstream.h"

using namespace bearer::test;

namespace {

Finished run_proxy(const Strings& arguments, const Strings& env = kSandboxSecret) {
  return run(proxy_command(arguments), env);
}

/// A port of which nobody takes connections.
constexpr const char* kNobody = "http://127.0.0.1:1";

}  // namespace

TEST_CASE("help goes to stdout, names every way to say a setting, and is fine") {
  const Strings asked[] = {{"--help"}, {"-h"}, {"help"}};
  for (const Strings& arguments : asked) {
    CAPTURE(arguments.front());
    const Finished finished = run_proxy(arguments);
    CHECK(finished.status == 0);
    CHECK(finished.err == "");
    for (const char* part : {"Usage: bearer-proxy", "--refresh-margin D", "[120s]",
                             "BEARER_PROXY_REFRESH_MARGIN", "refresh_margin", "Retries:"}) {
      CAPTURE(part);
      CHECK(says(finished.out, part));
    }
  }
  const Finished of_check = run_proxy({"check", "--help"});
  CHECK(says(of_check.out, "upstream not reached"));
  CHECK(says(of_check.out, "--offline"));
  CHECK_FALSE(says(of_check.out, "--refresh-margin"));
}

TEST_CASE("help is there also where the configuration is not") {
  CHECK(run_proxy({"--help", "--threads", "none"}, {"BEARER_PROXY_BOGUS=1"}).status == 0);
}

TEST_CASE("the version goes to stdout") {
  const Finished finished = run_proxy({"--version"});
  CHECK(finished.status == 0);
  CHECK(finished.out.starts_with("bearer-proxy 0."));
  CHECK(std::ranges::count(finished.out, '\n') == 1);
  CHECK(finished.err == "");
}

TEST_CASE("an unknown command is a usage error that names the nearest") {
  const Finished finished = run_proxy({"serv"});
  CHECK(finished.status == 2);
  CHECK(finished.out == "");
  CHECK(says(finished.err, "unknown command serv; did you mean serve?"));
}

TEST_CASE("serve may be named or left out") {
  const Sandbox sandbox;
  const Strings settings =
      Strings{"--listen", "127.0.0.1:0", "--upstream", sandbox.url()} + credential_of(sandbox);
  for (const Strings& command : {Strings{}, Strings{"serve"}}) {
    Program proxy(proxy_command(command + settings), kSandboxSecret);
    const std::string line = proxy.read_line();
    REQUIRE(line.starts_with("listening on http://127.0.0.1:"));
    CHECK(curl({line.substr(line.find("http")) + "/api/v2/users"}).status == 200);
  }
}

TEST_CASE("token prints a token that the API takes, and nothing else") {
  const Sandbox sandbox;
  const Finished finished = run_proxy(Strings{"token"} + credential_of(sandbox));
  CHECK(finished.status == 0);
  CHECK(finished.err == "");
  REQUIRE(finished.out.size() > 1);
  CHECK(finished.out.find('\n') == finished.out.size() - 1);
  const std::string token = finished.out.substr(0, finished.out.size() - 1);
  CHECK(curl({"-H", "Authorization: Bearer " + token, sandbox.url("/api/v2/users")}).status == 200);
}

TEST_CASE("token prints the token of the credential that is named, and lists them all") {
  const TemporaryDirectory directory;
  const std::string file = directory.write("config.json", R"({
    "credentials": {
      "crm": {"token_command": "echo token-of-crm"},
      "night-jobs": {"token_command": "echo token-of-jobs"}
    },
    "routes": [
      {"path": "/crm/", "upstream": "https://crm.example.com", "credential": "crm"},
      {"path": "/", "upstream": "https://api.example.com", "credential": "night-jobs"}
    ]
  })");
  const auto token = [&](const Strings& more) {
    return run_proxy(Strings{"token", "--config", file} + more, {kNoAdminPort});
  };
  CHECK(token({}).out == "token-of-crm\n");
  CHECK(token({"--credential", "night-jobs"}).out == "token-of-jobs\n");
  const Finished unknown = token({"--credential", "jobs"});
  CHECK(unknown.status == 2);
  CHECK(unknown.out == "");
  CHECK(says(unknown.err, "--credential \"jobs\": there is no credential of that name"));
  CHECK(says(unknown.err, "the configuration has crm, night-jobs"));
}

TEST_CASE("token without one to be had exits 3, with the cause and the fix") {
  const Sandbox sandbox;
  const Finished refused =
      run_proxy(Strings{"token"} + credential_of(sandbox), {"BEARER_PROXY_CLIENT_SECRET=wrong"});
  CHECK(refused.status == 3);
  CHECK(refused.out == "");
  CHECK(says(refused.err, "401 invalid_client"));
  CHECK(says(refused.err, "check client_id, BEARER_PROXY_CLIENT_SECRET, and auth_method"));

  const Finished unreached =
      run_proxy({"token", "--token-url", kNobody, "--client-id", "sandbox", "--token-wait", "4s"});
  CHECK(unreached.status == 3);
  CHECK(unreached.out == "");
  CHECK(says(unreached.err, "refused the connection"));
}

TEST_CASE("token that cannot be written is a runtime failure") {
  const Sandbox sandbox;
  const Strings command = Strings{"sh", "-c", "exec \"$@\" >/dev/full", "sh"} +
                          proxy_command(Strings{"token"} + credential_of(sandbox));
  const Finished finished = run(command, kSandboxSecret);
  CHECK(finished.status == 1);
  CHECK(says(finished.err, "No space left"));
}

TEST_CASE("token with a closed stdout is a runtime failure") {
  const Sandbox sandbox;
  const Strings command = Strings{"sh", "-c", "exec \"$@\" >&-", "sh"} +
                          proxy_command(Strings{"token"} + credential_of(sandbox));
  const Finished finished = run(command, kSandboxSecret);
  CHECK(finished.status == 1);
  CHECK(says(finished.err, "the token cannot be written to stdout"));
}

TEST_CASE("token and check wait for a token as long as --token-wait says") {
  Upstream silent;
  const Strings settings = {"--upstream",  kNobody, "--token-url",  silent.origin(),
                            "--client-id", "a",     "--token-wait", "200ms"};
  const Finished token = run_proxy(Strings{"token"} + settings);
  CHECK(token.status == 3);
  CHECK(says(token.err, silent.origin() + " gave no token within 200 ms (--token-wait)"));
  const Finished checked = run_proxy(Strings{"check"} + settings);
  CHECK(checked.status == 3);
  CHECK(says(checked.out, "gave no token within 200 ms (--token-wait)"));
  const Finished commanded = run_proxy(
      {"token", "--token-command", "sleep 1000", "--token-wait", "200ms"}, {kNoAdminPort});
  CHECK(commanded.status == 3);
  CHECK(says(commanded.err,
             "the command sleep gave no token within 200 ms (--token-wait): check token_command"));
}

TEST_CASE("token waits for a client that is not allowed its grant yet, not for a wrong secret") {
  const Sandbox sandbox;
  const auto fetch = [&](const char* error) {
    sandbox.script_tokens(
        {{{"status", 400}, {"body", R"({"error":")" + std::string(error) + "\"}"}}});
    return run_proxy(Strings{"token", "--token-wait", "20s"} + credential_of(sandbox));
  };
  CHECK(fetch("unauthorized_client").status == 0);
  CHECK(fetch("invalid_client").status == 3);
}

TEST_CASE(
    "token waits out a rate and a fault that come as a 400, not a refusal's advice to retry") {
  const Sandbox sandbox;
  const auto fetch = [&](const std::string& error, const std::string& description) {
    const nlohmann::json body = {{"error", error}, {"error_description", description}};
    sandbox.script_tokens({{{"status", 400}, {"body", body.dump()}}});
    return run_proxy(Strings{"token", "--token-wait", "20s"} + credential_of(sandbox)).status;
  };
  CHECK(fetch("invalid_grant", "This user's login rate was exceeded") == 0);
  CHECK(fetch("internal", "Please retry this request") == 0);
  CHECK(fetch("invalid_grant", "The token has expired; log in again") == 3);
  CHECK(fetch("invalid_grant", "Wrong password. Please try again") == 3);
}

TEST_CASE("check warns of a secret's file that every user can read, as serve does") {
  const Sandbox sandbox;
  // Below /tmp itself: the folder that tests are told to use may keep others out.
  char folder[] = "/tmp/bearer-test-XXXXXX";
  REQUIRE(mkdtemp(folder));
  std::filesystem::permissions(folder, std::filesystem::perms(0755));
  const std::string file = std::string(folder) + "/secret";
  std::ofstream(file) << "sandbox-secret";
  for (const bool open : {true, false}) {
    std::filesystem::permissions(file, std::filesystem::perms(open ? 0644 : 0600));
    const Finished checked = run(proxy_command(
        {"check", "--upstream", sandbox.url("/api/v2/users"), "--token-url",
         sandbox.url("/oauth/token"), "--client-id", "sandbox", "--client-secret-file", file}));
    const bool warned = checked.err.find("can be read by every user of this machine: chmod 600 " +
                                         file) != std::string::npos;
    CHECK(warned == open);
  }
  std::filesystem::remove_all(folder);
}

TEST_CASE("check warns of a config file that holds a secret and that every user can read") {
  const Sandbox sandbox;
  char folder[] = "/tmp/bearer-test-XXXXXX";
  REQUIRE(mkdtemp(folder));
  std::filesystem::permissions(folder, std::filesystem::perms(0755));
  const std::string file = std::string(folder) + "/proxy.json";
  const auto warned = [&](const char* field, unsigned mode) {
    std::ofstream(file) << R"({"set_header": ")" << field << "\"}";
    std::filesystem::permissions(file, std::filesystem::perms(mode));
    const Finished checked =
        run_proxy(Strings{"check", "--config", file, "--upstream", sandbox.url("/api/v2/users")} +
                  credential_of(sandbox));
    CHECK(checked.status == 0);
    CHECK_FALSE(says(checked.err, "sesame"));
    return says(checked.err,
                "the config file holds a secret and can be read by every user of this "
                "machine: chmod 600 " +
                    file);
  };
  CHECK(warned("X-Api-Key: sesame", 0644));
  CHECK_FALSE(warned("X-Api-Key: sesame", 0640));
  CHECK_FALSE(warned("X-Tenant: sesame", 0644));
  std::filesystem::remove_all(folder);
}

TEST_CASE("check writes a line for each step with its time") {
  const Sandbox sandbox;
  const Finished finished = run_proxy(Strings{"check", "--upstream", sandbox.url("/api/v2/users")} +
                                      credential_of(sandbox));
  CHECK(finished.status == 0);
  CHECK(finished.err == "");
  CHECK(std::ranges::count(finished.out, '\n') == 3);
  CHECK(finished.out.starts_with("ok    configuration: 1 credential, 1 route ["));
  CHECK(says(finished.out, "\nok    token of default from " + sandbox.url() + ": valid for "));
  CHECK(says(finished.out, "\nok    upstream of / at " + sandbox.url("/api/v2/users") +
                               ": reached, it answered 200 ["));
}

TEST_CASE("check tells by its exit status which step failed") {
  const Sandbox sandbox;
  const auto check = [](const Strings& settings, const Strings& env = kSandboxSecret) {
    return run_proxy(Strings{"check"} + settings, env);
  };
  const Finished unset = check(credential_of(sandbox));
  CHECK(unset.status == 2);
  CHECK(unset.out == "");
  CHECK(says(unset.err, "upstream is not set"));

  const Finished refused = check(Strings{"--upstream", sandbox.url()} + credential_of(sandbox),
                                 {"BEARER_PROXY_CLIENT_SECRET=wrong"});
  CHECK(refused.status == 3);
  CHECK(says(refused.out, "FAIL  token of default"));
  CHECK(says(refused.out, "skip  upstream of /"));

  const Finished unreached = check(Strings{"--upstream", kNobody} + credential_of(sandbox));
  CHECK(unreached.status == 4);
  CHECK(says(unreached.out,
             "FAIL  upstream of / at http://127.0.0.1:1: the upstream 127.0.0.1:1 refused"));
  CHECK(says(unreached.out, "check upstream and that it is up"));
}

TEST_CASE("check refuses an access log that serve could not open, online and offline") {
  const Sandbox sandbox;
  const Strings settings = Strings{"--upstream",  sandbox.url(),  "--listen",
                                   "127.0.0.1:0", "--access-log", "/nowhere/at/all.log"} +
                           credential_of(sandbox);
  for (const Strings& command : {Strings{"check"}, Strings{"check", "--offline"}, Strings{}}) {
    const Finished finished = run_proxy(command + settings);
    CHECK(finished.status == 2);
    CHECK(finished.out == "");
    CHECK(says(finished.err, "access_log = \"/nowhere/at/all.log\": No such file"));
  }
  CHECK(run_proxy(Strings{"token"} + settings).status == 0);  // it writes none
}

TEST_CASE("check whose report cannot be written does not say that all is fine") {
  const Sandbox sandbox;
  const Strings command =
      Strings{"sh", "-c", "exec \"$@\" >/dev/full", "sh"} +
      proxy_command(Strings{"check", "--upstream", sandbox.url()} + credential_of(sandbox));
  const Finished finished = run(command, kSandboxSecret);
  CHECK(finished.status == 1);
  CHECK(says(finished.err, "cannot be written to stdout"));
}

TEST_CASE("a file without a usable secret is an error of the configuration, whatever the command") {
  const Sandbox sandbox;
  const TemporaryDirectory directory;
  const Strings settings = {"--upstream",
                            sandbox.url(),
                            "--token-url",
                            sandbox.url("/oauth/token"),
                            "--client-id",
                            "sandbox",
                            "--listen",
                            "127.0.0.1:0",
                            "--client-secret-file",
                            directory.write("blank", "")};
  for (const Strings& command : {Strings{"check", "--offline"}, Strings{"check"}, Strings{"token"},
                                 Strings{"serve"}, Strings{"exec"}}) {
    const Strings job = command.front() == "exec" ? Strings{"--", "true"} : Strings{};
    const Finished finished = run_proxy(command + settings + job, {kNoAdminPort});
    CAPTURE(command.front());
    CHECK(finished.status == 2);
    CHECK(says(finished.err, "check client_secret_file"));
  }
}

TEST_CASE("token and check wait out what a platform says while it assigns an identity") {
  const std::string token = R"({"access_token":"tok","expires_in":"86399"})";
  for (const char* command : {"token", "check"}) {
    int asked = 0;
    const MessageServer imds([&](const RawMessage&) {
      return asked++ == 0 ? answer("404 Not Found", R"({"error":"not_found"})")
                          : answer("200 OK", token);
    });
    const std::string url = "http://127.0.0.1:" + std::to_string(imds.port());
    const Finished finished = run_proxy(
        {command, "--preset", "azure-managed-identity", "--upstream", url, "--token-wait", "25s"},
        {kNoAdminPort, "AZURE_POD_IDENTITY_AUTHORITY_HOST=" + url});
    CAPTURE(finished.err);
    CHECK(finished.status == 0);
  }
}
