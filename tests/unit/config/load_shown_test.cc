// What check --offline shows, and what token asks for.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "config/load.h"
#include "tests/unit/config/configuring.h"

using namespace bearer;
using namespace bearer::config;

namespace {

bool has(const std::string& text, std::string_view part) {
  CAPTURE(text);
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a token alone needs no upstream") {
  const Configuring configuring{
      .arguments = {"token", "--token-url", "https://login.example.com/token", "--client-id", "i"},
      .environment = {{"BEARER_PROXY_CLIENT_SECRET", "s"}}};
  CHECK(configuring.errors() == "");
  CHECK(configuring.settings().routes.at(0).upstream == http::Url{});
}

TEST_CASE("check --offline keeps the scheme of a URL whose password it hides") {
  struct Case {
    const char* url;
    const char* shown;
  };
  const Case cases[] = {
      {"redis://:hush@10.1.2.3:6380/4", "= redis://***@10.1.2.3:6380/4  ("},
      {"rediss://me:hu:sh@cache.example/0", "= rediss://***@cache.example/0  ("},
  };
  for (const Case& c : cases) {
    CAPTURE(c.url);
    Configuring configuring = complete_with({"check", "--offline", "--insecure-http"});
    configuring.environment["BEARER_PROXY_TOKEN_STORE"] = c.url;
    configuring.environment["BEARER_PROXY_TOKEN_STORE_KEY_FILE"] = "k";
    configuring.files["k"] = std::string(64, 'a');
    const std::string text = configuring.parse().effective;
    CHECK(has(text, c.shown));
    CHECK_FALSE(has(text, "hu"));
  }
  const Configuring odd = complete_with({"--egress-proxy", "pa://hush@proxy.example"});
  CHECK_FALSE(has(odd.errors(), "pa:"));
}

TEST_CASE("check --offline shows the egress proxy of the environment where it is used") {
  for (const char* name : {"HTTPS_PROXY", "https_proxy"}) {
    Configuring configuring = complete_with({"check", "--offline"});
    configuring.environment[name] = "http://me:hush@squid.corp:8118";
    const std::string line =
        std::string("  egress_proxy           = http://***@squid.corp:8118  (") + name;
    std::string text = configuring.parse().effective;
    CHECK(has(text.substr(text.find("\nroute ")), line + ")\n"));
    CHECK(has(text.substr(0, text.find("\nroute ")), line + ")\n"));
    CHECK_FALSE(has(text, "hush"));

    configuring.environment["no_proxy"] = "10.0.0.0/8,.example.com";
    CHECK_FALSE(has(configuring.parse().effective, "egress_proxy"));
    configuring.environment["no_proxy"] = "login.example.com";
    text = configuring.parse().effective;
    CHECK(
        has(text.substr(text.find("\nroute ")), line + ", but for no_proxy: login.example.com)\n"));
    CHECK_FALSE(has(text.substr(0, text.find("\nroute ")), "egress_proxy"));

    configuring.environment["BEARER_PROXY_EGRESS_PROXY"] = "own.corp:3128";
    text = configuring.parse().effective;
    CHECK(has(text, "= own.corp:3128  (BEARER_PROXY_EGRESS_PROXY)\n"));
    CHECK_FALSE(has(text, "squid"));
  }
}

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
        "  client_secret          = set  (BEARER_PROXY_CLIENT_SECRET)\n",
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

TEST_CASE("check --offline names where a client's secret comes from, whichever way it is given") {
  struct Case {
    const char* settings;
    const char* line;
  };
  for (const Case& c :
       {Case{R"("client_secret_env": "CRM_SECRET")",
             "  client_secret_env      = CRM_SECRET  (b.json: client_secret_env)\n"},
        Case{R"("client_secret_env": "hush7hush")",
             "  client_secret_env      = set  (b.json: client_secret_env)\n"},
        Case{R"("client_secret_file": "secret")",
             "  client_secret_file     = secret  (b.json: client_secret_file)\n"},
        Case{R"("preset": "genesys")",
             "  client_secret          = set  (GENESYS_CLIENT_SECRET)\n"}}) {
    CAPTURE(c.line);
    Configuring configuring =
        with_file(R"({"client_id": "me", "upstream": "https://a.example.com", )"
                  R"("token_url": "https://l.example.com/t", )" +
                  std::string(c.settings) + "}");
    configuring.environment = {
        {"CRM_SECRET", "hush-1"}, {"hush7hush", "hush-2"}, {"GENESYS_CLIENT_SECRET", "hush-3"}};
    configuring.files["secret"] = "hush-4";
    configuring.arguments.insert(configuring.arguments.end(), {"check", "--offline"});
    const std::string text = configuring.parse().effective;
    CHECK(has(text, c.line));
    CHECK_FALSE(has(text, "hush"));
  }
}

TEST_CASE("a URL's user and password, and what may hold a secret, are not shown") {
  Configuring configuring = complete_with({"check", "--offline", "--token-param", "pin=hush"});
  configuring.environment.emplace("BEARER_PROXY_EGRESS_PROXY", "http://me:hush@proxy.example:3128");
  const std::string text = configuring.parse().effective;
  CHECK_FALSE(has(text, "hush"));
  CHECK(has(text, "= http://***@proxy.example:3128  (BEARER_PROXY_EGRESS_PROXY)\n"));
  CHECK(has(text, "token_param            = set  (--token-param)"));
}

TEST_CASE("token is of the first route's credential, or of the one that is named") {
  const auto token = [](std::vector<std::string> arguments) {
    Configuring configuring = with_file(R"({
      "credentials": {
        "jobs": {"token_url": "https://login.example.com/token", "client_id": "me"},
        "crm.eu": {"token_url": "https://login.example.com/token", "client_id": "you"}
      },
      "routes": [
        {"path": "/crm/", "upstream": "https://crm.example.com", "credential": "crm.eu"},
        {"path": "/", "upstream": "https://api.example.com", "credential": "jobs"}
      ]
    })");
    arguments.insert(arguments.begin(), "token");
    configuring.arguments.insert(configuring.arguments.end(), arguments.begin(), arguments.end());
    return configuring;
  };
  CHECK(token({}).parse().credential == "crm.eu");
  CHECK(token({"--credential", "jobs"}).parse().credential == "jobs");
  CHECK(token({"--credential=crm.eu"}).parse().credential == "crm.eu");
  const std::string unknown = token({"--credential", "job\x1b"}).errors();
  CHECK(has(unknown, "there is no credential of that name; the configuration has jobs, crm.eu"));
  CHECK_FALSE(has(unknown, "\x1b"));
  CHECK(has(token({"--credential="}).errors(), "--credential= has an empty value"));
  CHECK(has(token({"--credential", ""}).errors(), "no credential of that name"));
  CHECK(has(token({"--credential", "jobs", "--credential", "jobs"}).errors(), "given twice"));
  CHECK(complete_with({"token", "--credential", "default"}).parse().credential == "default");
  CHECK(has(complete_with({"exec", "--credential", "default", "--", "true"}).errors(),
            "unknown flag --credential: only bearer-proxy token has it"));
  CHECK(has(complete_with({"--credential", "default", "token"}).errors(),
            "--credential is a flag of token, and stands behind that word"));
  CHECK(has(token({"jobs"}).errors(), "a credential is named with --credential NAME"));
}

TEST_CASE("token needs no routes, only the name of one of several credentials") {
  const auto with = [](std::vector<std::string> arguments) {
    Configuring configuring = with_file(R"({"credentials": {
      "..": {"token_url": "https://login.example.com/token", "client_id": "me"},
      "crm": {"token_url": "https://login.example.com/token", "client_id": "you"}
    }})");
    configuring.arguments.insert(configuring.arguments.end(), arguments.begin(), arguments.end());
    return configuring;
  };
  CHECK(with({"token", "--credential", "crm"}).parse().credential == "crm");
  CHECK(with({"token", "--credential", ".."}).parse().credential == "..");
  CHECK(has(with({"token"}).errors(), "name one with --credential: .., crm"));
  CHECK(has(with({"token", "--credential", "cr"}).errors(), "the configuration has .., crm"));
  CHECK(has(with({"check", "--upstream", "https://a.example.com"}).errors(),
            "there are several credentials; name one with \"credential\""));
}

TEST_CASE("only check knows --offline, and without it nothing is shown") {
  CHECK(complete_with({"check"}).parse().effective.empty());
  CHECK(has(complete_with({"serve", "--offline"}).errors(), "unknown flag --offline"));
  CHECK(has(complete_with({"check", "--offline", "--threads", "none"}).errors(), "threads"));
  CHECK(has(complete_with({"check", "--offline=no"}).errors(), "--offline takes no value"));
  CHECK_FALSE(complete_with({"check", "--offline=true"}).parse().effective.empty());
}
