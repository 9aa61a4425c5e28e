#include "relay/admission.h"

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <variant>

#include "tests/unit/relay/relaying.h"

using namespace bearer;
using relay::Admitted;
using relay::LocalReply;
using relay::test::RequestLines;
using relay::test::route;

namespace {

const relay::AdmissionRules kRules{.hosts = {"proxy.example.com"},
                                   .origins = {"https://app.example.com"}};

const relay::RouteTable& table() {
  static const relay::RouteTable made({
      route("/", "https://api.example.com"),
      route("/crm/", "https://crm.example.com/base/", true),
      route("/kept/", "https://kept.example.com/"),
      route("/", "https://by-host.example.com", false, "proxy.example.com"),
  });
  return made;
}

struct Verdict {
  int status;  ///< 0: admitted
  std::string error, detail;
  std::optional<Admitted> admitted;
};

Verdict verdict(const http::RequestHead& head) {
  auto admission = relay::admit(head, kRules, table());
  if (const auto* reply = std::get_if<LocalReply>(&admission)) {
    return {reply->status, std::string(reply->error), reply->detail, std::nullopt};
  }
  return {0, "", "", std::get<Admitted>(admission)};
}

/// The status of a GET with those lines after the request line.
int status_of(const std::string& lines, const std::string& target = "/") {
  return verdict(RequestLines("GET " + target + " HTTP/1.1\n" + lines)).status;
}

}  // namespace

TEST_CASE("loopback names and allowed hosts are served, another host gets 421") {
  for (const char* host : {"localhost", "LOCALHOST:8080", "127.0.0.1", "127.0.0.1:9", "[::1]:8080",
                           "a.localhost", "proxy.example.com", "Proxy.Example.com:80"}) {
    CAPTURE(host);
    CHECK(status_of("Host: " + std::string(host)) == 0);
  }
  for (const char* host : {"evil.example.com", "localhost.evil.com", "api.example.com", "10.0.0.1",
                           "[::2]", "proxy.example.com.evil.com"}) {
    CAPTURE(host);
    const RequestLines head("GET / HTTP/1.1\nHost: " + std::string(host));
    const Verdict refused = verdict(head);
    CHECK(refused.status == 421);
    CHECK(refused.error == "http_request_denied");
    CHECK(refused.detail.find("--allow-host") != std::string::npos);
  }
}

TEST_CASE("a Host that is missing, twice or malformed is a bad request, but HTTP/1.0 needs none") {
  CHECK(status_of("X: y") == 400);
  CHECK(status_of("Host: localhost\nHost: localhost") == 400);
  CHECK(status_of("Host: user@localhost") == 400);
  const RequestLines old("GET / HTTP/1.0");
  const Verdict admitted = verdict(old);
  CHECK(admitted.status == 0);
  CHECK(admitted.admitted->authority.empty());
}

TEST_CASE("CONNECT and TRACE are refused with 405") {
  for (const char* line : {"CONNECT api.example.com:443 HTTP/1.1", "TRACE / HTTP/1.1",
                           "CONNECT localhost:1 HTTP/1.1"}) {
    CAPTURE(line);
    const RequestLines head(std::string(line) + "\nHost: localhost");
    CHECK(verdict(head).status == 405);
    CHECK(verdict(head).error == "http_request_denied");
  }
}

TEST_CASE("targets that are none, or not for that method, are bad requests") {
  for (const char* line :
       {"GET * HTTP/1.1", "GET localhost:80 HTTP/1.1", "GET x HTTP/1.1", "GET /a#b HTTP/1.1",
        "GET https://localhost/ HTTP/1.1", "GET ftp://localhost/ HTTP/1.1",
        "GET http:///x HTTP/1.1", "GET http://user@localhost/ HTTP/1.1"}) {
    CAPTURE(line);
    CHECK(verdict(RequestLines(std::string(line) + "\nHost: localhost")).status == 400);
  }
}

TEST_CASE("OPTIONS * goes to the root route") {
  const RequestLines head("OPTIONS * HTTP/1.1\nHost: localhost");
  const Verdict admitted = verdict(head);
  REQUIRE(admitted.status == 0);
  CHECK(admitted.admitted->rest == "*");
  CHECK(admitted.admitted->route->options.upstream.host == "api.example.com");
}

TEST_CASE("a browser's page of another site is refused, a served origin is not") {
  struct Case {
    const char* fields;
    int status;
  };
  const Case cases[] = {
      {"Origin: http://localhost:8080", 0},
      {"Origin: HTTP://LOCALHOST:8080", 0},
      {"Origin: https://localhost:8080", 403},  // another origin than http's
      {"Origin: http://localhost:8081", 403},
      {"Origin: http://localhost", 403},
      {"Origin: https://app.example.com", 0},
      {"Origin: http://app.example.com", 403},
      {"Origin: https://app.example.com.evil.com", 403},
      {"Origin: null", 403},
      {"Origin:", 403},
      {"Origin: http://localhost:8080\nOrigin: https://evil.example.com", 403},
      {"Sec-Fetch-Site: cross-site", 403},
      {"Sec-Fetch-Site: Same-Site", 403},
      {"Sec-Fetch-Site: none\nSec-Fetch-Site: cross-site", 403},
      {"Sec-Fetch-Site: same-origin", 0},
      {"Sec-Fetch-Site: none", 0},
      {"Origin: https://app.example.com\nSec-Fetch-Site: cross-site", 0},
      {"X: y", 0},
  };
  for (const Case& c : cases) {
    CAPTURE(c.fields);
    CHECK(status_of("Host: localhost:8080\n" + std::string(c.fields)) == c.status);
  }
}

TEST_CASE("an origin is held against the name by which the client addressed us") {
  CHECK(status_of("Host: localhost:8080\nOrigin: http://127.0.0.1:8080") == 403);
  CHECK(status_of("Host: 127.0.0.1:8080\nOrigin: http://127.0.0.1:8080") == 0);
}

TEST_CASE("a path goes to its route, with or without the prefix") {
  struct Case {
    const char *target, *upstream, *base_path, *rest;
  };
  const Case cases[] = {
      {"/users?a=/crm/", "api.example.com", "", "/users?a=/crm/"},
      {"/crm/orders?x", "crm.example.com", "/base/", "/orders?x"},
      {"/crm", "crm.example.com", "/base/", ""},
      {"/crm?x", "crm.example.com", "/base/", "?x"},
      {"/crmx", "api.example.com", "", "/crmx"},
      {"/kept/x", "kept.example.com", "/", "/kept/x"},
      {"/a%2Fb//c;d", "api.example.com", "", "/a%2Fb//c;d"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.target);
    const RequestLines head("GET " + std::string(c.target) + " HTTP/1.1\nHost: localhost");
    const Verdict admitted = verdict(head);
    REQUIRE(admitted.status == 0);
    CHECK(admitted.admitted->route->options.upstream.host == c.upstream);
    CHECK(admitted.admitted->base_path == c.base_path);
    CHECK(admitted.admitted->rest == c.rest);
    CHECK(admitted.admitted->authority == "localhost");
    CHECK_FALSE(admitted.admitted->as_forward_proxy);
  }
}

TEST_CASE("a route for a Host is chosen by the Host field") {
  const RequestLines head("GET /crm/x HTTP/1.1\nHost: proxy.example.com:8080");
  CHECK(verdict(head).admitted->route->options.upstream.host == "by-host.example.com");
}

TEST_CASE("a path without a route is a 404 that quotes it, cut short") {
  const relay::RouteTable only_crm({route("/crm/", "https://crm.example.com")});
  const std::string path = "/" + std::string(500, 'x');
  const RequestLines head("GET " + path + "?secret HTTP/1.1\nHost: localhost");
  const auto admission = relay::admit(head, kRules, only_crm);
  const auto* reply = std::get_if<LocalReply>(&admission);
  REQUIRE(reply != nullptr);
  CHECK(reply->status == 404);
  CHECK(reply->error == "destination_not_found");
  CHECK(reply->detail.find("'" + path.substr(0, 80) + "'") != std::string::npos);
  CHECK(reply->detail.find("secret") == std::string::npos);
}

TEST_CASE("dot segments that lead out of the prefix or the base path are refused") {
  struct Case {
    const char* target;
    int status;
  };
  const Case cases[] = {
      {"/crm/../x", 403},
      {"/crm/a/../../x", 403},
      {"/crm/%2e%2e/x", 403},
      {"/crm/..%2fx", 403},
      {"/crm/a/../x", 0},
      {"/..", 403},
      {"/a/../b", 0},
      {"/crm/..", 403},
      {"/crm/x?a=../../", 0},
      {"http://crm.example.com/base/../x", 403},
      {"http://crm.example.com/base/a/../x", 0},
      {"http://crm.example.com/other", 403},
  };
  for (const Case& c : cases) {
    CAPTURE(c.target);
    CHECK(status_of("Host: localhost", c.target) == c.status);
  }
}

TEST_CASE("the absolute form reaches an upstream itself, path as it is") {
  const RequestLines head(
      "GET http://CRM.example.com/base/orders?x HTTP/1.1\nHost: something.else.example");
  const Verdict admitted = verdict(head);
  REQUIRE(admitted.status == 0);
  CHECK(admitted.admitted->as_forward_proxy);
  CHECK(admitted.admitted->base_path.empty());
  CHECK(admitted.admitted->rest == "/base/orders?x");
  CHECK(admitted.admitted->authority == "CRM.example.com");
  CHECK(admitted.admitted->route->options.path == "/crm/");
}

TEST_CASE("the absolute form with a name of our own is a path, with a stranger's a 421") {
  const RequestLines own("GET http://localhost:8080/crm/x HTTP/1.1\nHost: ignored.example");
  const Verdict admitted = verdict(own);
  REQUIRE(admitted.status == 0);
  CHECK_FALSE(admitted.admitted->as_forward_proxy);
  CHECK(admitted.admitted->rest == "/x");
  CHECK(admitted.admitted->authority == "localhost:8080");
  CHECK(status_of("Host: localhost", "http://evil.example.com/") == 421);
}

TEST_CASE("an upstream's name in Host alone is not served: a page could be bound to it by DNS") {
  CHECK(status_of("Host: crm.example.com", "/base/x") == 421);
}

TEST_CASE("links are mapped to the route's prefix, or to the base path for a forward proxy") {
  const relay::Route& crm = *table().routes()[1];
  const std::string origin = "http://localhost:8080";
  const http::LinkMap by_path = relay::link_map(crm, false, origin);
  CHECK(http::rewrite_location("https://crm.example.com/base/x", by_path) ==
        "http://localhost:8080/crm/x");
  const std::string named = "http://crm.example.com";
  const http::LinkMap forward = relay::link_map(crm, true, named);
  CHECK(http::rewrite_location("https://crm.example.com/base/x", forward) ==
        "http://crm.example.com/base/x");
}
