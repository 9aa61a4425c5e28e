// A person is told all about a configuration that cannot be used.
#include <doctest/doctest.h>

#include "tests/support/said.h"
#include "tests/unit/config/configuring.h"

using namespace bearer::config;
using bearer::test::says;

TEST_CASE("a value that cannot be used is named with its setting and its source") {
  struct Case {
    std::string_view setting, value;
  };
  const Case cases[] = {
      {"refresh_margin", "abc"},
      {"refresh_margin", "0"},
      {"replay_max", "1MB"},
      {"max_retries", "-1"},
      {"threads", "0"},
      {"threads", "65"},
      {"retry_unsafe", "maybe"},
      {"grant", "client credentials"},
      {"auth_method", "basic"},
      {"retry_status", "429,abc"},
      {"retry_status", "200"},
      {"retry_status", "429,,5xx"},
      {"retry_status", "401"},
      {"retry_status", "403,429"},
      {"renew_status", "500"},
      {"renew_status", "401,429"},
      {"read_only_post", "search"},
      {"listen", "8080"},
      {"listen", "0.0.0.0:80"},
      {"listen", "[::]:80"},
      {"admin", "0.0.0.0:9180"},
      {"admin", "on"},
      {"allow_host", "http://x"},
      {"allow_host", "x:80"},
      {"allow_origin", "null"},
      {"allow_origin", "https://x/"},
      {"allow_origin", "app.example.com"},
      {"ca_file", "nowhere.pem"},
      {"config", "nowhere.json"},
      {"rate", "300"},
      {"pacing", "on"},
      {"preset", "genesis"},
      {"region", "mypurecloud.de"},
      {"scope", "a\nb"},
  };
  for (const Case& c : cases) {
    std::string flag = "--" + std::string(c.setting);
    std::ranges::replace(flag, '_', '-');
    const Configuring configuring = complete_with({flag, std::string(c.value)});
    CAPTURE(flag);
    CHECK(configuring.blames(std::string(c.setting) + " = \""));
    CHECK(says(configuring.errors(), "\" (from " + flag + "): "));
  }
}

TEST_CASE("two addresses that are the same are an error of either setting") {
  CHECK(complete_with({"--listen", "127.0.0.1:1", "--listen", "127.0.0.1:1"}).blames("listen = "));
  CHECK(complete_with({"--admin", "127.0.0.1:1", "--listen", "127.0.0.1:1"}).blames("admin = "));
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
  for (const char* setting : {"upstream", "token_url", "client_id", "client_secret_file"}) {
    CHECK(says(errors, std::string(setting) + " is not set"));
  }
  for (const char* way : {"--upstream", "BEARER_PROXY_UPSTREAM", "config key upstream", "--preset",
                          "BEARER_PROXY_CLIENT_SECRET"}) {
    CHECK(says(errors, way));
  }
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
  CHECK(says(errors, R"(routes[0].max_retries = "x" (from b.json))"));

  const std::string values = with_file(R"({
    "token_url": "https://login.example.com/token", "client_id": "c",
    "routes": [{"path": "b", "upstream": "https://b.example.com", "retry_window": "x"},
               {"path": "/c?d", "upstream": "https://c.example.com?x=y", "host": "c:80"}]
  })")
                                 .errors();
  CAPTURE(values);
  for (const char* setting : {"routes[0].path", "routes[0].retry_window", "routes[1].path",
                              "routes[1].upstream", "routes[1].host"}) {
    CHECK(says(values, std::string(setting) + " = \""));
  }
}

TEST_CASE("a backoff whose base is longer than its cap is an error if both were set") {
  CHECK(complete_with({"--backoff-base", "9s", "--backoff-max", "8s"}).blames("backoff_base"));
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
      with_file(R"({"clientSecret": "hunter2"})"),
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
  CHECK(twice.blames("client_secret_file = \"f\" (from BEARER_PROXY_CLIENT_SECRET_FILE)"));

  Configuring broken = complete_with({"--client-secret-file", "no\nway"});
  broken.environment.clear();
  CHECK(
      broken.blames("client_secret_file = \"no\\nway\" (from --client-secret-file): holds a line"));
  Configuring empty = complete_with({"--client-secret-file", ""});
  empty.environment.clear();
  CHECK(empty.blames("client_secret_file = \"\" (from --client-secret-file): it is empty"));
  Configuring torn = complete();
  torn.environment["BEARER_PROXY_CLIENT_SECRET"] = "hush\nhush\n";
  CHECK(torn.blames("client_secret (from BEARER_PROXY_CLIENT_SECRET): "));
  CHECK(torn.errors().find("hush") == std::string::npos);

  Configuring unset =
      with_file(R"({"preset": "genesys", "client_id": "a", "client_secret_env": "NOT_THERE"})");
  unset.environment.clear();
  CHECK(unset.blames("client_secret_env = \"NOT_THERE\" (from b.json)"));
  Configuring given =
      with_file(R"({"preset": "genesys", "client_id": "a", "client_secret_env": "gB7/x+kQ=="})");
  given.environment.clear();
  CHECK(given.blames("client_secret_env = *** (from b.json)"));
  CHECK_FALSE(says(given.errors(), "gB7"));
  given.environment["gB7/x+kQ=="] = "found";  // odd, but it is a variable
  CHECK(given.errors().empty());
  for (const char* secret : {"s3cretKey", "tr0ub4dor", "MFRGGZDF2MFRGG", "not-a name"}) {
    Configuring mistaken =
        with_file(R"({"preset": "genesys", "client_id": "a", "client_secret_env": ")" +
                  std::string(secret) + "\"}");
    mistaken.environment.clear();
    CHECK(mistaken.blames("client_secret_env = *** (from b.json)"));
    CHECK(mistaken.errors().find(secret) == std::string::npos);
  }
}
