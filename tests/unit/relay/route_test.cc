#include "relay/route.h"

#include <doctest/doctest.h>

#include <string>

#include "tests/unit/relay/relaying.h"

using namespace bearer;
using relay::RouteTable;
using relay::test::route;

namespace {

std::string upstream_of(const relay::Route* route) {
  return route ? route->options.upstream.text() : "none";
}

}  // namespace

TEST_CASE("a route for the host comes before any other, then the longest path wins") {
  // In an order in which neither the first nor the last match is always right.
  const RouteTable table({
      route("/api/v2/", "http://long.example"),
      route("/", "http://host.example", false, "crm.example.com"),
      route("/", "http://any.example"),
      route("/api", "http://middle.example"),
      route("/api/", "http://host-api.example", false, "crm.example.com"),
      route("/", "http://longer-host.example", false, "very.long.name.example.com"),
  });
  struct Case {
    const char *host, *path, *upstream;
  };
  const Case cases[] = {
      {"localhost", "/", "http://any.example"},
      {"localhost", "/apiary", "http://any.example"},
      {"localhost", "/api", "http://middle.example"},
      {"localhost", "/api?x=/api/v2/", "http://middle.example"},
      {"localhost", "/api/v2", "http://long.example"},
      {"localhost", "/api/v2/users?a=b", "http://long.example"},
      {"crm.example.com", "/api/v2/users", "http://host-api.example"},
      {"CRM.example.COM", "/other", "http://host.example"},
      {"very.long.name.example.com", "/api/v2/users", "http://longer-host.example"},
      {"example.com", "/api/v2", "http://long.example"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.host);
    CAPTURE(c.path);
    CHECK(upstream_of(table.find(c.host, c.path)) == c.upstream);
  }
}

TEST_CASE("a path that no route takes has none") {
  const RouteTable table({route("/crm/", "http://a.example")});
  CHECK(table.find("localhost", "/") == nullptr);
  CHECK(table.find("localhost", "/crmx") == nullptr);
  CHECK(table.find("localhost", "*") == nullptr);
}

TEST_CASE("a request to an upstream itself finds it by host and longest base path") {
  const RouteTable table({
      route("/a/", "http://api.example.com/base/"),
      route("/b/", "https://api.example.com/base/deeper/"),
      route("/c/", "http://other.example.com"),
  });
  CHECK(upstream_of(table.find_upstream({"api.example.com"}, "/base/x")) ==
        "http://api.example.com/base/");
  CHECK(upstream_of(table.find_upstream({"API.example.com"}, "/base/deeper/x")) ==
        "https://api.example.com/base/deeper/");
  CHECK(upstream_of(table.find_upstream({"other.example.com"}, "/x")) ==
        "http://other.example.com");
  CHECK(table.find_upstream({"api.example.com"}, "/elsewhere") == nullptr);
  CHECK(table.find_upstream({"evil.example.com"}, "/base/x") == nullptr);
  CHECK(table.has_upstream({"API.example.com"}));
  CHECK_FALSE(table.has_upstream({"example.com"}));
}

TEST_CASE("an upstream is on its own port, and on its scheme's where a client names none") {
  const RouteTable table({
      route("/a/", "https://tls.example.com"),
      route("/b/", "http://plain.example.com"),
      route("/c/", "https://odd.example.com:8443"),
  });
  for (const http::Host& host :
       {http::Host{"tls.example.com"}, http::Host{"tls.example.com", 80},
        http::Host{"tls.example.com", 443}, http::Host{"plain.example.com"},
        http::Host{"plain.example.com", 80}, http::Host{"plain.example.com", 443},
        http::Host{"odd.example.com", 8443}}) {
    CAPTURE(host.name);
    CAPTURE(host.port);
    CHECK(table.has_upstream(host));
    CHECK(table.find_upstream(host, "/x") != nullptr);
  }
  for (const http::Host& host :
       {http::Host{"tls.example.com", 9999}, http::Host{"tls.example.com", 8443},
        http::Host{"plain.example.com", 8080}, http::Host{"odd.example.com"},
        http::Host{"odd.example.com", 443}}) {
    CAPTURE(host.name);
    CAPTURE(host.port);
    CHECK_FALSE(table.has_upstream(host));
    CHECK(table.find_upstream(host, "/x") == nullptr);
  }
}

TEST_CASE("routes stay in the order of the configuration") {
  const RouteTable table({route("/b", "http://b.example"), route("/a", "http://a.example")});
  REQUIRE(table.routes().size() == 2);
  CHECK(table.routes().front()->options.path == "/b");
}
