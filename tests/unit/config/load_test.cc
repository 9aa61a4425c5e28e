#include "config/load.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>

#include "tests/unit/config/configuring.h"

using namespace bearer;
using namespace bearer::config;
using namespace std::chrono_literals;

TEST_CASE(
    "flag wins over environment, environment over file, file over preset, preset over default") {
  struct Case {
    bool flag, environment, file, preset;
    base::Duration margin;
  };
  const Case cases[] = {
      {true, true, true, true, 1s},      {true, false, false, false, 1s},
      {false, true, true, true, 2s},     {false, true, false, false, 2s},
      {false, false, true, true, 3s},    {false, false, true, false, 3s},
      {false, false, false, true, 300s}, {false, false, false, false, 120s},
      {true, false, true, false, 1s},    {false, true, false, true, 2s},
  };
  for (const Case& c : cases) {
    CAPTURE(c.margin);
    Configuring configuring = complete();
    if (c.flag)
      configuring.arguments.insert(configuring.arguments.end(), {"--refresh-margin", "1s"});
    if (c.environment) configuring.environment["BEARER_PROXY_REFRESH_MARGIN"] = "2s";
    configuring.environment["BEARER_PROXY_CONFIG"] = "b.json";
    configuring.files["b.json"] = c.file ? R"({"refresh_margin": "3s"})" : "{}";
    if (c.preset)
      configuring.arguments.insert(configuring.arguments.end(), {"--preset", "genesys"});
    CHECK(configuring.settings().credentials[0].refresh_margin == c.margin);
  }
}

TEST_CASE("an empty environment variable counts as none") {
  Configuring configuring = complete();
  configuring.environment["BEARER_PROXY_REFRESH_MARGIN"] = "";
  CHECK(configuring.settings().credentials[0].refresh_margin == 120s);
}

TEST_CASE("every setting arrives where it is obeyed") {
  const Settings settings = with_file(R"({
    "listen": ["127.0.0.1:1", "[::1]:2"], "allow_host": ["API.local"],
    "allow_origin": "https://app.example.com:443", "admin": "off",
    "upstream": "https://api.example.com/v2/", "connect_timeout": "3s", "response_timeout": 4,
    "idle_timeout": 0, "ca_file": "b.json",
    "token_url": "https://login.example.com/token", "grant": "client_credentials",
    "client_id": "id", "auth_method": "client_secret_post", "basic_encoding": "raw",
    "scope": "a b", "audience": "aud", "resource": ["r1", "r2"],
    "token_param": {"a": "1", "b": "x=y"}, "refresh_margin": "1m", "token_wait": "250ms",
    "max_retries": 7, "backoff_base": "2s", "backoff_max": "5s", "retry_window": "1h",
    "retry_unsafe": "always", "retry_status": [429, "503"], "renew_status": "401,403",
    "read_only_post": ["/search", "/api/**/query"], "replay_max": "1MiB",
    "replay_memory": 4096, "max_connections": 11, "max_fields": 1300, "max_in_flight": 12, "threads": 2,
    "spin": "off",
    "drain_timeout": "1.5s", "log_format": "json", "log_level": "debug", "access_log": "-",
    "access_log_query": true
  })")
                                .settings();
  CHECK(settings.listen == std::vector<net::Address>{{"127.0.0.1", 1}, {"::1", 2}});
  CHECK(settings.service.allowed_hosts == std::vector<std::string>{"api.local"});
  CHECK(settings.service.allowed_origins == std::vector<std::string>{"https://app.example.com"});
  CHECK(settings.service.connections_max == 11);
  CHECK(settings.service.request_fields_max == 1300);
  CHECK(settings.routes.front().response_fields_max == 1300);
  CHECK(settings.service.threads == 2);
  CHECK_FALSE(settings.service.spin);
  CHECK(settings.service.drain_timeout == 1500ms);
  CHECK(settings.service.access_log == "-");
  CHECK(settings.service.access_log_query);
  CHECK(settings.log.format == base::LogFormat::json);
  CHECK(settings.log.level == base::LogLevel::debug);

  const relay::RouteOptions& route = settings.routes.at(0);
  CHECK(route.upstream.text() == "https://api.example.com/v2/");
  CHECK(route.connect_timeout == 3s);
  CHECK(route.response_timeout == 4s);
  CHECK(route.idle_timeout == 0s);
  CHECK(route.ca_file == "b.json");
  CHECK(route.token_wait == 250ms);
  CHECK(route.retry.max_retries == 7);
  CHECK(route.retry.backoff_base == 2s);
  CHECK(route.retry.backoff_max == 5s);
  CHECK(route.retry.window == 1h);
  CHECK(route.retry.unsafe == relay::RetryUnsafe::always);
  CHECK(route.retry.statuses.count() == 2);
  CHECK(route.retry.statuses.test(429));
  CHECK(route.retry.statuses.test(503));
  CHECK(route.retry.renew_statuses.count() == 2);
  CHECK(route.retry.renew_statuses.test(401));
  CHECK(route.retry.renew_statuses.test(403));
  CHECK(route.retry.plain_500_retries_max == 7);
  REQUIRE(route.read_only_posts.size() == 2);
  CHECK(route.read_only_posts[0].text() == "/search");
  CHECK(route.read_only_posts[1].text() == "/api/**/query");
  CHECK(route.replay_bytes_max == 1u << 20);
  CHECK(route.replay_memory_bytes_max == 4096);
  CHECK(route.in_flight_max == 12);

  const token::CredentialOptions& credential = settings.credentials.at(0);
  CHECK(credential.token_url.text() == "https://login.example.com/token");
  CHECK(credential.client_id == "id");
  CHECK(credential.client_secret == base::Secret("s3cret"));
  CHECK(credential.client_secret_file.empty());
  CHECK(credential.auth_method == token::ClientAuth::client_secret_post);
  CHECK(credential.basic_encoding == token::BasicEncoding::raw);
  CHECK(credential.scope == "a b");
  CHECK(credential.audience == "aud");
  CHECK(credential.resources == std::vector<std::string>{"r1", "r2"});
  CHECK(credential.token_params ==
        std::vector<std::pair<std::string, std::string>>{{"a", "1"}, {"b", "x=y"}});
  CHECK(credential.refresh_margin == 1min);
  CHECK(credential.ca_file == "b.json");
  CHECK(credential.connect_timeout == 3s);
}

TEST_CASE("whoever raises max_retries has a plain 500 retried as often, whoever lowers it less") {
  const auto retries_of_500 = [](std::vector<std::string> arguments) {
    Configuring configuring = complete();
    configuring.arguments.insert(configuring.arguments.end(), arguments.begin(), arguments.end());
    const relay::RetryOptions retry = configuring.settings().routes.at(0).retry;
    return std::min(retry.plain_500_retries_max, retry.max_retries);
  };
  CHECK(retries_of_500({}) == 3);
  CHECK(retries_of_500({"--max-retries", "8"}) == 8);
  CHECK(retries_of_500({"--max-retries", "2"}) == 2);
}

TEST_CASE("links are rewritten in no body, in JSON, or in all that can be read") {
  using relay::BodyLinks;
  struct Case {
    const char* key;
    std::vector<std::string> flag;
    BodyLinks links;
  };
  for (const Case& c : {Case{"false", {"--rewrite-body-links=off"}, BodyLinks::off},
                        Case{"\"off\"", {"--rewrite-body-links", "off"}, BodyLinks::off},
                        Case{"true", {"--rewrite-body-links"}, BodyLinks::json},
                        Case{"\"on\"", {"--rewrite-body-links=1"}, BodyLinks::json},
                        Case{"\"json\"", {"--rewrite-body-links", "json"}, BodyLinks::json},
                        Case{"\"all\"", {"--rewrite-body-links=all"}, BodyLinks::all}}) {
    CAPTURE(c.key);
    CHECK(complete_with(c.flag).settings().routes.at(0).rewrite_body_links == c.links);
    Configuring by_file = complete_with({"--config", "b.json"});
    by_file.files["b.json"] = R"({"rewrite_body_links": )" + std::string(c.key) + "}";
    CHECK(by_file.settings().routes.at(0).rewrite_body_links == c.links);
  }
  CHECK(complete_with({"--rewrite-body-links=xml"}).blames("rewrite_body_links = \"xml\""));
}

TEST_CASE("credentials and routes inherit the flat keys and win over them") {
  Configuring configuring = with_file(R"({
    // two APIs
    "max_retries": 1, "scope": "flat",
    "credentials": {
      "genesys": {"preset": "genesys", "region": "mypurecloud.de", "client_id": "g"},
      "crm": {"token_url": "https://login.example.com/token", "client_id": "c",
              "client_secret_env": "CRM_SECRET", "scope": "orders:read"}
    },
    "routes": [
      {"path": "/crm/", "strip_prefix": true, "upstream": "https://crm.example.com/api/",
       "credential": "crm", "max_retries": 5},
      {"path": "/", "credential": "genesys"},
      {"path": "/", "host": "CRM.local", "credential": "crm", "upstream": "https://b.example.com"}
    ]
  })");
  configuring.environment["CRM_SECRET"] = "of the crm";
  configuring.arguments.insert(configuring.arguments.end(), {"--max-retries", "2"});
  const Settings settings = configuring.settings();
  REQUIRE(settings.credentials.size() == 2);
  CHECK(settings.credentials[0].name == "genesys");
  CHECK(settings.credentials[0].token_url.text() == "https://login.mypurecloud.de/oauth/token");
  CHECK(settings.credentials[0].scope == "flat");
  CHECK(settings.credentials[0].client_secret == base::Secret("s3cret"));
  CHECK(settings.credentials[1].scope == "orders:read");
  CHECK(settings.credentials[1].client_secret == base::Secret("of the crm"));
  REQUIRE(settings.routes.size() == 3);
  CHECK(settings.routes[0].path == "/crm/");
  CHECK(settings.routes[0].strip_prefix);
  CHECK(settings.routes[0].credential == "crm");
  CHECK(settings.routes[0].retry.max_retries == 5);
  CHECK(settings.routes[1].upstream.text() == "https://api.mypurecloud.de");
  CHECK(settings.routes[1].retry.max_retries == 2);
  CHECK(settings.routes[2].host == "crm.local");
}

TEST_CASE("a route without a credential uses the only one there is") {
  const Settings settings = with_file(R"({
    "token_url": "https://login.example.com/token", "client_id": "c",
    "credentials": {"only": {}}, "routes": [{"upstream": "https://a.example.com"}]
  })")
                                .settings();
  CHECK(settings.routes.at(0).credential == "only");
  CHECK(settings.routes.at(0).path == "/");
}

TEST_CASE("of a backoff's base and its cap, the one that was not set gives way") {
  const auto retry = [](const std::vector<std::string>& flags) {
    return complete_with(flags).settings().routes.front().retry;
  };
  CHECK(retry({"--backoff-max", "250ms"}).backoff_base == 250ms);
  CHECK(retry({"--backoff-max", "250ms"}).backoff_max == 250ms);
  CHECK(retry({"--backoff-max", "2s"}).backoff_base == 1s);
  CHECK(retry({"--backoff-base", "45s"}).backoff_base == 45s);
  CHECK(retry({"--backoff-base", "45s"}).backoff_max == 45s);
  const std::string shown =
      complete_with({"check", "--offline", "--backoff-max", "250ms"}).parse().effective;
  CHECK(shown.find("= 250ms  (default, held to backoff_max)") != std::string::npos);
}

TEST_CASE("the client's secret comes from one place, the nearest one that was named") {
  Configuring file = complete_with({"--client-secret-file", "secret"});
  file.files["secret"] = "x";
  CHECK(file.settings().credentials[0].client_secret_file == "secret");
  CHECK(file.settings().credentials[0].client_secret.empty());

  Configuring variable = complete();
  variable.environment["BEARER_PROXY_CONFIG"] = "b.json";
  variable.files["b.json"] = R"({"client_secret_file": "elsewhere"})";
  CHECK(variable.settings().credentials[0].client_secret == base::Secret("s3cret"));

  Configuring preset = complete_with({"--preset", "genesys"});
  preset.environment["GENESYS_CLIENT_SECRET"] = "of the preset";
  CHECK(preset.settings().credentials[0].client_secret == base::Secret("s3cret"));
  preset.environment.erase("BEARER_PROXY_CLIENT_SECRET");
  CHECK(preset.settings().credentials[0].client_secret == base::Secret("of the preset"));
}

TEST_CASE("genesys has its queries and searches by POST retried, and nothing else") {
  const relay::RouteOptions route = complete_with({"--preset", "genesys"}).settings().routes.at(0);
  const auto only_reads = [&](std::string_view path) {
    return std::ranges::any_of(route.read_only_posts, [&](const http::PathPattern& pattern) {
      return pattern.matches(path);
    });
  };
  CHECK(only_reads("/api/v2/analytics/conversations/details/query"));
  CHECK(only_reads("/api/v2/users/search"));
  CHECK_FALSE(only_reads("/api/v2/conversations/calls"));
  CHECK_FALSE(only_reads("/api/v2/analytics/conversations/details/jobs"));
}

TEST_CASE("token and check wait longer for a token where nobody says how long") {
  const auto wait = [](const std::vector<std::string>& more) {
    return complete_with(more).settings().routes.at(0).token_wait;
  };
  CHECK(wait({}) == 10s);
  CHECK(wait({"exec", "--", "true"}) == 10s);
  for (const char* command : {"token", "check"}) {
    CHECK(wait({command}) == 30s);
    CHECK(wait({command, "--token-wait", "90s"}) == 90s);
  }
  Configuring file = with_file(R"({"token_url": "https://l.example.com", "client_id": "c",
                                   "upstream": "https://a.example.com", "token_wait": "2s"})");
  file.arguments.emplace_back("check");
  CHECK(file.settings().routes.at(0).token_wait == 2s);
}
