#include "config/environment.h"

#include <doctest/doctest.h>

#include "tests/unit/config/configuring.h"

using namespace bearer::config;

TEST_CASE("an unknown variable is named, with the nearest one that is known") {
  const Configuring near{.environment = {{"BEARER_PROXY_LISEN", "x"}}};
  CHECK(near.blames("unknown environment variable BEARER_PROXY_LISEN"));
  CHECK(near.errors().ends_with(" BEARER_PROXY_LISTEN?"));
  for (const char* far : {"BEARER_PROXY_FOO", "BEARER_PROXY_TOKEN", "BEARER_PROXY_HTTP_PROXY"}) {
    CHECK(Configuring{.environment = {{far, "x"}}}.errors() ==
          "unknown environment variable " + std::string(far));
  }
  CHECK(Configuring{.environment = {{"BEARER_PROXY_CLIENT_SECRET_ENV", "x"}}}.errors().starts_with(
      "unknown environment variable BEARER_PROXY_CLIENT_SECRET_ENV"));
  CHECK(Configuring{.environment = {{"BEARER_PROXY_PORT", "80"}}}.errors().starts_with(
      "unknown environment variable BEARER_PROXY_PORT"));
}

TEST_CASE("variables that others set for their own purposes are passed over") {
  Configuring configuring = complete();
  configuring.environment.insert({{"BEARER_PROXY_URL", "http://127.0.0.1:1"},
                                  {"BEARER_PROXY_SERVICE_HOST", "10.0.0.1"},
                                  {"BEARER_PROXY_SERVICE_PORT_HTTP", "80"},
                                  {"BEARER_PROXY_PORT", "tcp://10.0.0.1:80"},
                                  {"BEARER_PROXY_PORT_80_TCP_ADDR", "10.0.0.1"},
                                  {"PATH", "/bin"}});
  CHECK(configuring.errors() == "");
}

TEST_CASE("a list is separated by commas, but not where a value may hold one") {
  ConfigErrors problems;
  const Values values = environment_values({{"BEARER_PROXY_LISTEN", "a:1, b:2,"},
                                            {"BEARER_PROXY_ALLOW_HOST", ","},
                                            {"BEARER_PROXY_RESOURCE", "https://x/a,b"}},
                                           problems);
  CHECK(problems.none());
  CHECK(values.at("listen").texts == std::vector<std::string>{"a:1", "b:2"});
  CHECK(values.at("listen").source == "BEARER_PROXY_LISTEN");
  CHECK_FALSE(values.contains("allow-host"));
  CHECK(values.at("resource").texts == std::vector<std::string>{"https://x/a,b"});
}

TEST_CASE("a secret's value is not among the values") {
  ConfigErrors problems;
  const Values values = environment_values({{"BEARER_PROXY_CLIENT_SECRET", "s3cret"}}, problems);
  CHECK(values.size() == 1);
  CHECK(values.at("client-secret-env").texts ==
        std::vector<std::string>{"BEARER_PROXY_CLIENT_SECRET"});
}

TEST_CASE("booleans have the usual spellings") {
  for (const char* yes : {"true", "yes", "ON", "1"}) {
    Configuring configuring = complete();
    configuring.environment["BEARER_PROXY_ACCESS_LOG_QUERY"] = yes;
    CHECK(configuring.settings().service.access_log_query);
  }
  for (const char* no : {"false", "No", "off", "0"}) {
    Configuring configuring = complete();
    configuring.environment["BEARER_PROXY_ACCESS_LOG_QUERY"] = no;
    CHECK_FALSE(configuring.settings().service.access_log_query);
  }
}
