// Several APIs at once, from a config file.
#include <doctest/doctest.h>

#include "tests/support/temporary_directory.h"
#include "tests/system/curl.h"
#include "tests/system/proxy.h"

using namespace bearer::test;
using Json = nlohmann::json;

namespace {

Json credential(const Sandbox& sandbox) {
  return {{"token_url", sandbox.url("/oauth/token")},
          {"client_id", "sandbox"},
          {"client_secret_env", "SANDBOX_SECRET"}};
}

/// Two APIs that do not take each other's tokens, and a proxy before both.
struct TwoApis {
  /// A route's upstream says the path alone, behind `one` or `two`.
  explicit TwoApis(Json routes) {
    for (Json& route : routes) {
      const Sandbox& api = route["credential"] == "one" ? one : two;
      route["upstream"] = api.url(route.value("upstream", ""));
    }
    const Json config = {{"credentials", {{"one", credential(one)}, {"two", credential(two)}}},
                         {"routes", routes}};
    proxy =
        std::make_unique<Proxy>(Strings{"--config", directory.write("config.json", config.dump())},
                                Strings{"SANDBOX_SECRET=sandbox-secret"});
  }

  std::string url(const std::string& target) const { return proxy->url(target); }

  Sandbox one, two;
  TemporaryDirectory directory;
  std::unique_ptr<Proxy> proxy;
};

/// Counts how often the API was asked for users with a token that it takes.
int served(const Sandbox& sandbox) {
  return sandbox.stats()["answers"].value("GET /api/v2/users", Json::object()).value("200", 0);
}

}  // namespace

TEST_CASE("each route has its own upstream and token, and the longest path wins") {
  const TwoApis apis({{{"path", "/"}, {"credential", "one"}},
                      {{"path", "/two/"}, {"strip_prefix", true}, {"credential", "two"}}});
  CHECK(curl({apis.url("/api/v2/users")}).status == 200);
  CHECK(curl({apis.url("/two/api/v2/users")}).status == 200);
  CHECK(curl({apis.url("/two/api/v2/users")}).status == 200);
  CHECK(served(apis.one) == 1);
  CHECK(served(apis.two) == 2);
}

TEST_CASE("a prefix is stripped before the upstream's base path is put in its place") {
  const TwoApis apis({{{"path", "/codes/"},
                       {"strip_prefix", true},
                       {"upstream", "/status"},
                       {"credential", "one"}},
                      {{"path", "/"}, {"credential", "two"}}});
  CHECK(curl({apis.url("/codes/204")}).status == 204);
  CHECK(curl({"--path-as-is", apis.url("/codes/../echo")}).status == 403);
  CHECK(Json::parse(curl({apis.url("/echo?q=/codes/")}).body).at("target") == "/echo?q=/codes/");
}

TEST_CASE("a route by Host comes before one for any") {
  const TwoApis apis(
      {{{"path", "/"}, {"credential", "one"}}, {{"host", "two.example"}, {"credential", "two"}}});
  CHECK(curl({"-H", "Host: two.example", apis.url("/api/v2/users")}).status == 200);
  CHECK(curl({apis.url("/api/v2/users")}).status == 200);
  CHECK(curl({"-H", "Host: three.example", apis.url("/api/v2/users")}).status == 421);
  CHECK(served(apis.one) == 1);
  CHECK(served(apis.two) == 1);
}

TEST_CASE("a route has its own retries") {
  const TwoApis apis({{{"path", "/"}, {"credential", "one"}, {"backoff_base", "1ms"}},
                      {{"path", "/status/503"}, {"max_retries", 0}, {"credential", "two"}}});
  CHECK(curl({apis.url("/status/500")}).field("Bearer-Proxy-Attempts") == "4");
  CHECK(curl({apis.url("/status/503")}).field("Bearer-Proxy-Attempts") == "");
}

TEST_CASE("a path that no route takes is not found here") {
  const TwoApis apis(
      {{{"path", "/one"}, {"credential", "one"}}, {{"path", "/two"}, {"credential", "two"}}});
  const Reply reply = curl({apis.url("/three")});
  CHECK(reply.status == 404);
  CHECK(reply.field("Proxy-Status").starts_with("bearer-proxy; error=destination_not_found"));
}

TEST_CASE("one credential that is refused leaves the other's route working") {
  const Sandbox good;
  const Sandbox bad({"--client-secret", "another"});
  const TemporaryDirectory directory;
  const Json config = {{"credentials", {{"good", credential(good)}, {"bad", credential(bad)}}},
                       {"routes",
                        {{{"path", "/"}, {"upstream", good.url()}, {"credential", "good"}},
                         {{"path", "/bad"}, {"upstream", bad.url()}, {"credential", "bad"}}}}};
  const Proxy proxy(Strings{"--config", directory.write("config.json", config.dump())},
                    Strings{"SANDBOX_SECRET=sandbox-secret"});
  CHECK(curl({proxy.url("/bad")}).status == 502);
  CHECK(curl({proxy.url("/api/v2/users")}).status == 200);
}
