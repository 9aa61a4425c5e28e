// What a person is told about a configuration that cannot be used.
#include <doctest/doctest.h>

#include "tests/support/said.h"
#include "tests/unit/config/configuring.h"

using namespace bearer::config;
using bearer::test::says;

TEST_CASE("a value that cannot be used is named with its setting, its source and the mend") {
  struct Case {
    std::vector<std::string> arguments;
    std::string_view error;
  };
  const Case cases[] = {
      {{"--refresh-margin", "abc"},
       R"(refresh_margin = "abc" (from --refresh-margin): not a duration; write 120s, 2m or 500ms)"},
      {{"--refresh-margin", "0"},
       R"(refresh_margin = "0" (from --refresh-margin): too short; at least 1 ms)"},
      {{"--replay-max", "1MB"},
       R"(replay_max = "1MB" (from --replay-max): not a size; write 64KiB, 10MiB, 1GiB or bare bytes)"},
      {{"--max-retries", "-1"},
       R"(max_retries = "-1" (from --max-retries): not a whole number from 0 to 1000)"},
      {{"--threads", "0"}, R"(threads = "0" (from --threads): not a whole number from 1 to 64)"},
      {{"--threads", "65"}, R"(threads = "65" (from --threads): not a whole number from 1 to 64)"},
      {{"--retry-unsafe", "maybe"},
       R"(retry_unsafe = "maybe" (from --retry-unsafe): not one of never, refused, status, always)"},
      {{"--grant", "client credentials"},
       R"(grant = "client credentials" (from --grant): no grant's name; none sends no grant_type)"},
      {{"--auth-method", "basic"},
       R"(auth_method = "basic" (from --auth-method): not one of client_secret_basic, client_secret_post, client_secret_jwt, private_key_jwt, tls_client_auth, bearer_jwt, none)"},
      {{"--allow-remote=maybe"},
       R"(allow_remote = "maybe" (from --allow-remote): neither true nor false)"},
      {{"--retry-status", "429,abc"},
       R"(not a list of statuses from 400 to 599; write 408,429,5xx)"},
      {{"--retry-status", "200"}, R"(not a list of statuses from 400 to 599; write 408,429,5xx)"},
      {{"--retry-status", "429,,5xx"}, R"(not a list of statuses)"},
      {{"--retry-status", "401"}, R"(a 401 is not retried but answered with a new token, once)"},
      {{"--retry-status", "403,429"}, "set --renew-status 401,403"},
      {{"--renew-status", "500"}, "not a list of statuses from 400 to 499; write 401,403"},
      {{"--renew-status", "401,429"}, "it asks for a retry, and says nothing of a token"},
      {{"--read-only-post", "search"},
       R"(read_only_post = "search" (from --read-only-post): not a pattern of a path)"},
      {{"--listen", "8080"},
       R"(listen = "8080" (from --listen): has no host; write 127.0.0.1:8080)"},
      {{"--listen", "0.0.0.0:80"},
       R"(listen = "0.0.0.0:80" (from --listen): not a loopback address)"},
      {{"--listen", "[::]:80"}, "add --allow-remote if that is meant"},
      {{"--listen", "127.0.0.1:1", "--listen", "127.0.0.1:1"}, "given twice"},
      {{"--admin", "0.0.0.0:9180"},
       R"(admin = "0.0.0.0:9180" (from --admin): not a loopback address)"},
      {{"--admin", "on"}, R"(admin = "on" (from --admin): has no port)"},
      {{"--admin", "127.0.0.1:1", "--listen", "127.0.0.1:1"}, "clients connect there: see listen"},
      {{"--allow-host", "http://x"},
       R"(allow_host = "http://x" (from --allow-host): not a host name)"},
      {{"--allow-host", "x:80"}, "not a host name without a port"},
      {{"--allow-origin", "https://x/"}, "not an origin"},
      {{"--allow-origin", "app.example.com"}, "not an origin"},
      {{"--allow-origin", "null"}, "not an origin"},
      {{"--backoff-base", "31s"},
       R"(backoff_base = "31s" (from --backoff-base): longer than backoff_max, which is 30 s)"},
      {{"--ca-file", "nowhere.pem"},
       R"(ca_file = "nowhere.pem" (from --ca-file): the file cannot be read: no such file)"},
      {{"--config", "nowhere.json"},
       R"(config = "nowhere.json" (from --config): the file cannot be read: no such file)"},
      {{"--region", "mypurecloud.de"}, "a region says nothing without a preset"},
      {{"--preset", "genesis"},
       R"(preset = "genesis" (from --preset): not one of genesys, entra, google, okta, auth0, keycloak, salesforce, azure-workload-identity, azure-managed-identity, gce, gcp-workload-identity, cloud-run, github-app; did you mean genesys?)"},
      {{"--scope", "a\nb"}, R"(scope = "a\nb" (from --scope): holds a line break)"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.error);
    const std::string errors = complete_with(c.arguments).errors();
    CAPTURE(errors);
    CHECK(says(errors, c.error));
  }
}

TEST_CASE("what is allowed when it is meant is not an error then") {
  CHECK(complete_with({"--listen", "0.0.0.0:80", "--allow-remote"}).errors() == "");
  CHECK(complete_with({"--listen", "localhost:0", "--listen", "localhost:0"}).errors() == "");
  CHECK(complete_with({"--allow-origin", "chrome-extension://abcdef"}).errors() == "");
  CHECK(complete_with({"--scope", ""}).errors() == "");
}

TEST_CASE("a URL that would show the credential on the way is refused") {
  const std::string_view plain = "plain http to another machine shows the credential";
  for (const char* flag : {"--upstream", "--token-url"}) {
    CAPTURE(flag);
    Configuring configuring = complete();
    auto& arguments = configuring.arguments;
    *(std::ranges::find(arguments, flag) + 1) = "http://api.example.com";
    CHECK(says(configuring.errors(), plain));
    arguments.emplace_back("--insecure-http");
    CHECK(configuring.errors() == "");
    arguments.pop_back();
    *(std::ranges::find(arguments, flag) + 1) = "http://127.0.0.1:9";
    CHECK(configuring.errors() == "");
  }
}

TEST_CASE("what is missing is said with every way to give it, all at once") {
  const std::string errors = Configuring{}.errors();
  CHECK(says(errors,
             "upstream is not set: give it with --upstream, BEARER_PROXY_UPSTREAM or the config "
             "key upstream, or use --preset"));
  CHECK(says(errors, "token_url is not set: give it with --token-url"));
  CHECK(says(errors, "client_id is not set: give it with --client-id"));
  CHECK(says(errors, "client_secret_file is not set: give it with --client-secret-file"));
  CHECK(says(errors, "or the secret itself with BEARER_PROXY_CLIENT_SECRET"));
  CHECK(std::ranges::count(errors, '\n') == 3);

  const std::string preset = Configuring{.arguments = {"--preset", "genesys"}}.errors();
  CHECK(says(preset, "GENESYS_CLIENT_ID"));
  CHECK(says(preset, "GENESYS_CLIENT_SECRET"));
}

TEST_CASE("an error in an entry of the file names the entry") {
  const std::string errors = with_file(R"({
    "token_url": "https://login.example.com/token", "client_id": "c",
    "routes": [{"path": "/a", "upstream": "https://a.example.com", "max_retries": "x"},
               {"path": "b", "upstream": "https://b.example.com", "retry_window": "x"},
               {"path": "/c?d", "upstream": "https://c.example.com?x=y", "host": "c:80"}]
  })")
                                 .errors();
  CAPTURE(errors);
  CHECK(says(errors, R"(routes[0].max_retries = "x" (from b.json): not a number)"));

  const std::string values = with_file(R"({
    "token_url": "https://login.example.com/token", "client_id": "c",
    "routes": [{"path": "b", "upstream": "https://b.example.com", "retry_window": "x"},
               {"path": "/c?d", "upstream": "https://c.example.com?x=y", "host": "c:80"}]
  })")
                                 .errors();
  CAPTURE(values);
  CHECK(says(values, R"(routes[0].path = "b" (from b.json): does not begin with /)"));
  CHECK(says(values, R"(routes[0].retry_window = "x" (from b.json): not a duration)"));
  CHECK(says(values, R"(routes[1].path = "/c?d" (from b.json): holds a space, ?)"));
  CHECK(says(
      values,
      R"(routes[1].upstream = "https://c.example.com?x=***" (from b.json): a base URL has no query)"));
  CHECK(says(values, R"(routes[1].host = "c:80" (from b.json): not a host name without a port)"));
}

TEST_CASE("no error shows a secret") {
  const std::string secret = "hunter2";
  const Configuring cases[] = {
      complete_with({"--client-secret", secret}),
      complete_with({"--client-secret=" + secret}),
      complete_with({"--client-secret", "-" + secret}),
      complete_with({"--client-secrt", secret}),
      complete_with({"--client-secrt=" + secret}),
      complete_with({secret}),
      complete_with({"--token-param", secret}),
      complete_with({"--token-param", "client_secret=" + secret}),
      {.arguments = {"--upstream", "https://user:" + secret + "@api.example.com"}},
      {.arguments = {"--token-url", "https://" + secret + "@x"}},
      with_file(R"({"client_secret": "hunter2"})"),
      with_file(R"({"client_secrets": "hunter2"})"),
      with_file(R"({"client_secret": "hunter2)"),
      with_file(R"({"token_param": {"a": {"b": "hunter2"}}})"),
      with_file(R"({"token_param": [["hunter2"]]})"),
      {.environment = {{"BEARER_PROXY_CLIENT_SECRETS", secret}}},
      {.environment = {{"BEARER_PROXY_CLIENT_SECRET", secret + "\n"}}},
  };
  for (const Configuring& configuring : cases) {
    const std::string errors = configuring.errors();
    CAPTURE(errors);
    CHECK_FALSE(errors.empty());
    CHECK_FALSE(says(errors, secret));
  }
}

TEST_CASE("a secret that is given twice or cannot be had is an error") {
  Configuring twice = complete();
  twice.environment["BEARER_PROXY_CLIENT_SECRET_FILE"] = "f";
  twice.files["f"] = "x";
  CHECK(says(
      twice.errors(),
      R"(client_secret_file = "f" (from BEARER_PROXY_CLIENT_SECRET_FILE): the secret is given a second time, by BEARER_PROXY_CLIENT_SECRET)"));

  Configuring unset =
      with_file(R"({"preset": "genesys", "client_id": "a", "client_secret_env": "NOT_THERE"})");
  unset.environment.clear();
  CHECK(
      unset.errors() ==
      R"(client_secret_env = "NOT_THERE" (from b.json): there is no such environment variable, or it is empty)");
}
