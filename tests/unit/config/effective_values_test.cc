#include "config/effective_values.h"

#include <doctest/doctest.h>

#include <string>

#include "tests/unit/config/configuring.h"

using namespace bearer::config;

namespace {

bool has(const std::string& text, std::string_view part) {
  CAPTURE(text);
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("check --offline shows each value with where it comes from, and a secret as set") {
  Configuring configuring = with_file(R"({
    "max_retries": 7,
    "credentials": {
      "crm": {"token_url": "https://login.example.com/token", "client_id": "me"},
      "job": {"preset": "genesys", "region": "mypurecloud.de", "client_id": "you"}
    },
    "routes": [
      {"path": "/crm/", "upstream": "https://crm.example.com", "credential": "crm",
       "max_retries": 2},
      {"path": "/", "credential": "job", "set_nothing": null}
    ]
  })");
  std::string& file = configuring.files["b.json"];
  file.replace(file.find(", \"set_nothing\": null"), 21, "");
  configuring.environment.emplace("BEARER_PROXY_IDLE_TIMEOUT", "9s");
  configuring.arguments.insert(configuring.arguments.end(),
                               {"--log-level", "warn", "check", "--offline"});
  const std::string text = configuring.parse().effective;
  for (const char* line :
       {"  log_level              = warn  (--log-level)\n",
        "  listen                 = 127.0.0.1:8080  (default)\n", "credential crm\n",
        "  client_id              = me  (b.json: credentials.crm.client_id)\n",
        "  client_secret_env      = set  (BEARER_PROXY_CLIENT_SECRET)\n",
        "https://login.mypurecloud.de/oauth/token  (preset genesys)\n",
        "  token_wait             = 10s  (default)\n", "route /crm/, credential crm\n",
        "  max_retries            = 2  (b.json: routes[0].max_retries)\n",
        "  max_retries            = 7  (b.json: max_retries)\n",
        "  idle_timeout           = 9s  (BEARER_PROXY_IDLE_TIMEOUT)\n",
        "  upstream               = https://api.mypurecloud.de  (preset genesys)\n"}) {
    CAPTURE(line);
    CHECK(has(text, line));
  }
  CHECK_FALSE(has(text, "s3cret"));
}

TEST_CASE("a URL's user and password, and what may hold a secret, are not shown") {
  Configuring configuring = complete_with({"check", "--offline", "--token-param", "pin=hush"});
  configuring.environment.emplace("BEARER_PROXY_EGRESS_PROXY", "http://me:hush@proxy.example:3128");
  const std::string text = configuring.parse().effective;
  CHECK_FALSE(has(text, "hush"));
  CHECK(has(text, "***@proxy.example:3128"));
  CHECK(has(text, "token_param            = set  (--token-param)"));
}

TEST_CASE("only check knows --offline, and without it nothing is shown") {
  CHECK(complete_with({"check"}).parse().effective.empty());
  CHECK(has(complete_with({"serve", "--offline"}).errors(), "unknown flag --offline"));
  CHECK(has(complete_with({"check", "--offline", "--threads", "none"}).errors(), "threads"));
}
