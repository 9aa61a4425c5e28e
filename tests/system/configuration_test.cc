// A configuration that cannot be used, and which of several sources wins, as the built program has
// it.
#include <doctest/doctest.h>

#include <csignal>
#include <string_view>

#include "tests/support/said.h"
#include "tests/support/temporary_directory.h"
#include "tests/system/proxy.h"

using namespace bearer::test;

namespace {

const Strings kWhole = {"--upstream",  "https://api.example.com",
                        "--token-url", "https://login.example.com/token",
                        "--client-id", "c"};

}  // namespace

TEST_CASE("a bad configuration names setting, value, origin and mend, and exits 2") {
  const TemporaryDirectory directory;
  const auto file = [&](std::string_view name, std::string_view content) {
    return Strings{"--config", directory.write(name, content)};
  };
  const std::string from = " (from " + directory.path("");
  struct Case {
    Strings flags;
    Strings env;
    std::string error;
  };
  const Case cases[] = {
      {{"--max-retrys", "3"}, {}, "unknown flag --max-retrys; did you mean --max-retries?"},
      {{},
       {"BEARER_PROXY_MAX_RETRYS=3"},
       "unknown environment variable BEARER_PROXY_MAX_RETRYS; did you mean "
       "BEARER_PROXY_MAX_RETRIES?"},
      {file("key", R"({"max_retrys": 3})"), {}, "did you mean max_retries?"},
      {{"--idle-timeout", "60x"}, {}, R"(idle_timeout = "60x" (from --idle-timeout): )"},
      {{},
       {"BEARER_PROXY_IDLE_TIMEOUT=60x"},
       R"(idle_timeout = "60x" (from BEARER_PROXY_IDLE_TIMEOUT): )"},
      {file("value", R"({"idle_timeout": "60x"})"),
       {},
       R"(idle_timeout = "60x")" + from + "value): "},
      {{"--replay-max", "1MB"}, {}, R"(replay_max = "1MB" (from --replay-max): )"},
      {{"--threads", "0"}, {}, R"(threads = "0" (from --threads): )"},
      {{"--retry-unsafe", "often"}, {}, R"(retry_unsafe = "often" (from --retry-unsafe): )"},
      {{"--listen", "0.0.0.0:0"}, {}, "--allow-remote"},
      {{"--listen", "8080"}, {}, R"(listen = "8080" (from --listen): )"},
      {{"--ca-file", "/nowhere.pem"}, {}, R"(ca_file = "/nowhere.pem" (from --ca-file): )"},
      {{"--config", "/nowhere.json"}, {}, R"(config = "/nowhere.json" (from --config): )"},
      {{"--scope"}, {}, "--scope needs a value"},
      {{"--scope="}, {}, "--scope= has an empty value"},
      {{"--scope", "a", "--scope", "b"}, {}, "--scope is given twice"},
      {{"--preset", "genesis"}, {}, "did you mean genesys?"},
      {file("broken", "{\n  \"scope\": \"a\"\n  \"audience\": 1\n}"), {}, "broken:3:12: not JSON"},
      {file("routes", R"({"routes": [{"path": "/a", "credential": "crm"}]})"),
       {},
       "there is no such entry in credentials"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.error);
    const Finished finished =
        run(proxy_command(kWhole + c.flags), Strings{"BEARER_PROXY_CLIENT_SECRET=s"} + c.env);
    CAPTURE(finished.err);
    CHECK(finished.status == 2);
    CHECK(finished.out == "");
    CHECK(says(finished.err, c.error));
    CHECK(finished.err.starts_with("bearer-proxy: "));
    CHECK(says(finished.err, "bearer-proxy --help lists commands and settings\n"));
  }
}

TEST_CASE("what is missing is said all at once") {
  const Finished finished = run(proxy_command({}));
  CHECK(finished.status == 2);
  for (const char* name : {"upstream", "token_url", "client_id", "client_secret_file"}) {
    CAPTURE(name);
    CHECK(
        says(finished.err, "bearer-proxy: " + std::string(name) + " is not set: give it with --"));
  }
}

TEST_CASE("plain http to another machine is refused unless it is meant") {
  const Strings plain = {"--upstream",  "http://api.example.com",
                         "--token-url", "https://login.example.com/token",
                         "--client-id", "c"};
  const Strings secret = {"BEARER_PROXY_CLIENT_SECRET=s"};
  const Finished finished = run(proxy_command(plain), secret);
  CHECK(finished.status == 2);
  CHECK(says(finished.err, R"(upstream = "http://api.example.com" (from --upstream): plain http)"));
  CHECK(says(finished.err, "add --insecure-http"));
  Proxy meant(plain + Strings{"--insecure-http"}, secret);
  meant.end();
}

TEST_CASE("a file that holds no certificates is said where it is read") {
  const TemporaryDirectory directory;
  const std::string ca_file = directory.write("ca.pem", "not a certificate\n");
  const Finished finished =
      run(proxy_command(kWhole + Strings{"--listen", "127.0.0.1:0", "--ca-file", ca_file}),
          {"BEARER_PROXY_CLIENT_SECRET=s", kNoAdminPort});
  CHECK(finished.status == 2);
  CHECK(says(finished.err, ca_file));
}

TEST_CASE("a credential's certificates that are of no use are said at start, by every command") {
  const TemporaryDirectory directory;
  const std::string ca_file = directory.write("ca.pem", "not a certificate\n");
  const std::string config =
      directory.write("c.json", nlohmann::json{{"upstream", "https://api.example.com"},
                                               {"credentials",
                                                {{"crm",
                                                  {{"token_url", "https://login.example.com/token"},
                                                   {"client_id", "c"},
                                                   {"ca_file", ca_file}}}}}}
                                    .dump());
  for (const Strings& command :
       {Strings{"serve", "--listen", "127.0.0.1:0"}, Strings{"token"}, Strings{"check"}}) {
    CAPTURE(command.front());
    const Finished finished =
        run(proxy_command(command + Strings{"--config", config}), {"BEARER_PROXY_CLIENT_SECRET=s"});
    CHECK(finished.status == 2);
    CHECK(finished.out == "");
    CHECK(says(finished.err, "credential crm: the trusted certificates cannot be loaded"));
    CHECK(says(finished.err, ca_file));
    CHECK(says(finished.err, "check ca_file"));
  }
}

TEST_CASE("a flag wins over the environment, that over the file, the preset and the default") {
  const Sandbox sandbox({"--token-lifetime", "24h"});
  const TemporaryDirectory directory;
  const Strings flag = {"--refresh-margin", "4h"};
  const Strings variable = {"BEARER_PROXY_REFRESH_MARGIN=3h"};
  const Strings file = {"--config", directory.write("c.json", R"({"refresh_margin": "2h"})")};
  const Strings preset = {"--preset", "genesys"};
  struct Case {
    Strings flags;
    Strings env;
    int margin_s;
  };
  const Case cases[] = {
      {flag + file + preset, variable, 4 * 3600},
      {file + preset, variable, 3 * 3600},
      {file + preset, {}, 2 * 3600},
      {preset, {}, 300},
      {{}, {}, 120},
  };
  for (const Case& c : cases) {
    CAPTURE(c.margin_s);
    Proxy proxy(Strings{"--log-format", "json", "--upstream", sandbox.url()} +
                    credential_of(sandbox) + c.flags,
                kSandboxSecret + c.env);
    const auto fetched = nlohmann::json::parse(proxy.program().await_error("token fetched"));
    const double margin_s = 24 * 3600 - fetched["renews_in_s"].get<double>();
    // Jitter adds up to a tenth, whole seconds in the token up to one, and a pause its length.
    CHECK(margin_s >= c.margin_s);
    CHECK(margin_s <= 1.1 * c.margin_s + 30);
  }
}

TEST_CASE("a start says version, routes and upstreams") {
  const Sandbox sandbox;
  Proxy proxy(sandbox);
  const std::string line = proxy.program().await_error("bearer-proxy starts");
  CHECK(says(line, "version=0."));
  CHECK(says(line, "/ -> " + sandbox.url()));
}

TEST_CASE("check and serve end alike where a file of certificates holds none") {
  const Sandbox sandbox;
  const TemporaryDirectory directory;
  const std::string junk = directory.write("junk.pem", "junk");
  for (const Strings& command : {Strings{"check"}, Strings{"serve", "--listen", "127.0.0.1:0"}}) {
    for (const char* upstream : {"https://127.0.0.1:9", "http://127.0.0.1:9"}) {
      CAPTURE(upstream);
      const Finished finished =
          run(proxy_command(command + Strings{"--upstream", upstream} + Strings{"--ca-file", junk} +
                            credential_of(sandbox)),
              kSandboxSecret);
      CHECK(finished.status == 2);
      CHECK(says(finished.err, "ca_file"));
    }
  }
}

TEST_CASE("check --offline asks nobody, shows what takes effect, and is fine") {
  const Finished finished =
      run(proxy_command({"check", "--offline", "--upstream", "http://127.0.0.1:1", "--token-url",
                         "http://127.0.0.1:1/token", "--client-id", "me"}),
          {"BEARER_PROXY_CLIENT_SECRET=hush"});
  CHECK(finished.status == 0);
  CHECK(finished.err == "");
  CHECK(says(finished.out, "= me  (--client-id)"));
  CHECK_FALSE(says(finished.out, "hush"));
}

TEST_CASE("check --offline shows no key of a URL's query, and no password") {
  const Finished finished = run(
      proxy_command({"check", "--offline", "--upstream", "https://api.example.com", "--token-url",
                     "https://f.example.com/token?code=hush-1&v=hush-2&hush-3", "--client-id",
                     "me"}),
      {"BEARER_PROXY_CLIENT_SECRET=hush", "BEARER_PROXY_EGRESS_PROXY=http://me:hush-4@proxy:3128"});
  CHECK(finished.status == 0);
  CHECK(says(finished.out, "https://f.example.com/token?code=***&v=***&***  (--token-url)"));
  CHECK(says(finished.out, "***@proxy:3128"));
  CHECK_FALSE(says(finished.out, "hush"));
}

TEST_CASE("a configuration that is refused shows no key of a URL's query either") {
  const Finished finished =
      run(proxy_command({"check", "--upstream", "https://api.example.com/?key=hush", "--token-url",
                         "http://f.example.com/token?code=hush", "--client-id", "me"}),
          {"BEARER_PROXY_CLIENT_SECRET=s"});
  CHECK(finished.status == 2);
  CHECK(says(finished.err, "https://api.example.com/?key=***"));
  CHECK(says(finished.err, "http://f.example.com/token?code=***"));
  CHECK_FALSE(says(finished.err, "hush"));
}
