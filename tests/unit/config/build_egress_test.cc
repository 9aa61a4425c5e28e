#include "config/build.h"

#include <doctest/doctest.h>

#include "tests/unit/config/configuring.h"

using namespace bearer;
using namespace bearer::config;

namespace {

net::EgressOptions of_route(const Configuring& configuring) {
  REQUIRE(configuring.errors() == "");
  return configuring.settings().routes.at(0).egress;
}

Configuring with_environment(const Environment& environment,
                             const std::vector<std::string>& arguments = {}) {
  Configuring configuring = complete_with(arguments);
  for (const auto& [name, value] : environment) configuring.environment[name] = value;
  return configuring;
}

}  // namespace

TEST_CASE("the upstream and the token endpoint are reached by the egress proxy") {
  const Configuring configuring =
      with_environment({{"BEARER_PROXY_EGRESS_PROXY", "http://us%40er:p%3Aw@proxy.corp:3128"}});
  const net::EgressOptions egress = of_route(configuring);
  CHECK(egress.proxy.host == "proxy.corp");
  CHECK(egress.proxy.port == 3128);
  CHECK(egress.proxy.authorization == base::Secret("Basic dXNAZXI6cDp3"));  // us@er:p:w
  CHECK(configuring.settings().credentials.at(0).egress.proxy.host == "proxy.corp");
  CHECK(of_route(complete_with({"--egress-proxy", "proxy.corp:3128"})).proxy.authorization.empty());
}

TEST_CASE("HTTPS_PROXY and NO_PROXY are taken from the environment, in either case") {
  for (const char* name : {"HTTPS_PROXY", "https_proxy"}) {
    const net::EgressOptions egress =
        of_route(with_environment({{name, "http://p:1"}, {"NO_PROXY", "a.example, .b ,"}}));
    CHECK(egress.proxy.host == "p");
    CHECK(egress.exempt == std::vector<std::string>{"a.example", ".b"});
  }
  const Environment both = {{"HTTPS_PROXY", "http://upper:1"}, {"https_proxy", "http://lower:1"}};
  CHECK(of_route(with_environment(both)).proxy.host == "lower");
  CHECK(of_route(with_environment(both, {"--egress-proxy", "http://own:1"})).proxy.host == "own");
  CHECK_FALSE(of_route(with_environment({{"HTTPS_PROXY", ""}})).proxy.used());
}

TEST_CASE("HTTPS_PROXY is not for plain http") {
  Configuring configuring = with_environment({{"HTTPS_PROXY", "http://p:1"}}, {"--insecure-http"});
  configuring.arguments.insert(configuring.arguments.end(),
                               {"--upstream", "http://api.example.com"});
  configuring.arguments.erase(configuring.arguments.begin(), configuring.arguments.begin() + 2);
  CHECK_FALSE(of_route(configuring).proxy.used());
  CHECK(configuring.settings().credentials.at(0).egress.proxy.used());
}

TEST_CASE("a proxy that cannot be used is an error that shows no password") {
  struct Case {
    const char *url, *why;
  };
  for (const Case& c :
       {Case{"https://u:hush@p:1", "a proxy that is itself spoken to in TLS is not supported"},
        Case{"http://u:hush@p:1/x", "the URL of a proxy has no path"},
        Case{"socks5://u:hush@p:1", "it does not start with https:// or http://"},
        Case{"http://u:hush@:1", "it has no host"}}) {
    const std::string by_setting =
        with_environment({{"BEARER_PROXY_EGRESS_PROXY", c.url}}).errors();
    const std::string by_variable = with_environment({{"HTTPS_PROXY", c.url}}).errors();
    for (const std::string& errors : {by_setting, by_variable}) {
      CAPTURE(errors);
      CHECK(errors.find(c.why) != std::string::npos);
      CHECK(errors.find("hush") == std::string::npos);
    }
    CHECK(by_setting.starts_with("egress_proxy = *** (from BEARER_PROXY_EGRESS_PROXY): "));
    CHECK(by_variable.starts_with("the environment variable HTTPS_PROXY: "));
  }
}
