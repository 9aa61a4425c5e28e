#include "relay/admission.h"

#include <doctest/doctest.h>

#include <string>
#include <variant>
#include <vector>

#include "tests/unit/relay/admitting.h"
#include "tests/unit/relay/relaying.h"

using namespace bearer;
using namespace bearer::relay::test::admitting;
using relay::LocalReply;
using relay::test::RequestLines;
using relay::test::route;

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

TEST_CASE("a Host is served that is the address at which the request came in") {
  std::vector<std::string> asked;
  const auto status = [&](const std::string& host, const std::string& target = "/") {
    const RequestLines head("GET " + target + " HTTP/1.1\nHost: " + host);
    std::string_view page;
    const http::CameInAt came_in_at = [&](std::string_view name) {
      asked.emplace_back(name);
      return name == "10.1.2.3" || name == "fd00::1";
    };
    const auto admission = relay::admit(head, kRules, table(), page, came_in_at, {});
    const auto* reply = std::get_if<LocalReply>(&admission);
    return reply ? reply->status : 0;
  };
  CHECK(status("10.1.2.3:8080") == 0);
  CHECK(status("[fd00::1]") == 0);
  CHECK(status("evil.example.com", "http://10.1.2.3/") == 0);
  CHECK(status("10.1.2.3", "http://10.1.2.4/") == 421);
  CHECK(status("10.1.2.4") == 421);
  CHECK(asked ==
        std::vector<std::string>{"10.1.2.3", "fd00::1", "10.1.2.3", "10.1.2.4", "10.1.2.4"});
  // The kernel is asked of no Host that is served anyway.
  CHECK(status("localhost") == 0);
  CHECK(status("proxy.example.com") == 0);
  CHECK(asked.size() == 5);
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
                           "TRACK / HTTP/1.1", "CONNECT localhost:1 HTTP/1.1"}) {
    CAPTURE(line);
    const RequestLines head(std::string(line) + "\nHost: localhost");
    CHECK(verdict(head).status == 405);
    CHECK(verdict(head).error == "http_request_denied");
  }
}

TEST_CASE("targets that are none, or not for that method, are bad requests") {
  for (const char* line : {"GET * HTTP/1.1", "GET localhost:80 HTTP/1.1", "GET x HTTP/1.1",
                           "GET /a#b HTTP/1.1", "GET ftp://localhost/ HTTP/1.1",
                           "GET http:///x HTTP/1.1", "GET http://user@localhost/ HTTP/1.1"}) {
    CAPTURE(line);
    const Verdict refused = verdict(RequestLines(std::string(line) + "\nHost: localhost"));
    CHECK(refused.status == 400);
    CHECK(refused.detail.find("ASCII") == std::string::npos);
  }
  for (const char* target :
       {"http://localhost:x/", "http://localhost:99999/", "http://u@localhost/"}) {
    CAPTURE(target);
    const Verdict refused =
        verdict(RequestLines("GET " + std::string(target) + " HTTP/1.1\nHost: localhost"));
    CHECK(refused.status == 400);
    CHECK(refused.detail.find("optional port") != std::string::npos);
  }
}

TEST_CASE("a request that has come through here again and again is not sent round once more") {
  const auto via = [](int times) {
    std::string fields = "Host: localhost\nVia: 1.1 other, HTTP/1.1 bearer-proxy.example.com";
    for (int i = 0; i < times; ++i)
      fields += i % 2 == 0 ? "\nVia: 1.1 bearer-proxy" : ", 1.1 bearer-proxy";
    return verdict(RequestLines("GET / HTTP/1.1\n" + fields));
  };
  for (const int times : {0, 1, 8}) CHECK(via(times).status == 0);
  CHECK(via(9).status == 502);
  CHECK(via(9).error == "proxy_loop_detected");
  CHECK(via(9).detail.find("--upstream") != std::string::npos);
}

TEST_CASE("OPTIONS * goes to the root route") {
  const RequestLines head("OPTIONS * HTTP/1.1\nHost: localhost");
  const Verdict admitted = verdict(head);
  REQUIRE(admitted.status == 0);
  CHECK(admitted.admitted->rest == "*");
  CHECK(admitted.admitted->route->options.upstream.host == "api.example.com");
}

TEST_CASE("a denied path is denied in every spelling, and by every form of the target") {
  const relay::AdmissionRules rules = denying({}, {"/crm/admin", "/api/internal/"});
  for (const char* target :
       {"/crm/admin", "/crm/admin/x", "/crm/admin?x", "/crm//admin", "/crm/./admin", "/crm/%61dmin",
        "/crm/%2561dmin", "/crm/x/../admin", "/crm%2fadmin", "/crm/admin;v=1", "/crm\\admin",
        "/api/internal", "/api/internal/", "http://localhost/crm/admin",
        "http://crm.example.com/base/admin", "http://crm.example.com/base/%61dmin/x"}) {
    CAPTURE(target);
    const Verdict denied =
        verdict(RequestLines("GET " + std::string(target) + " HTTP/1.1\nHost: localhost"), rules);
    CHECK(denied.status == 403);
    CHECK(denied.error == "http_request_denied");
    CHECK(denied.detail.find("--deny-path") != std::string::npos);
  }
  for (const char* target : {"/crm/", "/crm/admins", "/crm/x?/crm/admin", "/admin",
                             "/api/internals", "http://crm.example.com/base/x"}) {
    CAPTURE(target);
    CHECK(verdict(RequestLines("GET " + std::string(target) + " HTTP/1.1\nHost: localhost"), rules)
              .status == 0);
  }
}

TEST_CASE("a denied path or method is denied where a field names it, which some servers go by") {
  const relay::AdmissionRules rules = denying({"DELETE"}, {"/crm/admin"});
  const auto status = [&](const std::string& field) {
    return verdict(RequestLines("POST /crm/x HTTP/1.1\nHost: localhost\n" + field), rules).status;
  };
  for (const char* field :
       {"X-Original-URL: /crm/admin", "x-rewrite-url: /crm/%61dmin/x",
        "X-Original-URI: //crm/admin", "X-HTTP-Method-Override: DELETE",
        "X-HTTP-Method-Override: \"DELETE\"", "x-http-method: delete", "X-Method-Override: Delete",
        "X_HTTP_Method_Override: DELETE", "X-HTTP-Method: GET, delete;q=1",
        "X_Original_URL: /crm/admin", "X-Original-URL: http://h/crm/admin"}) {
    CAPTURE(field);
    CHECK(status(field) == 403);
  }
  CHECK(status("X-Original-URL: /crm/x") == 0);
  CHECK(status("X-HTTP-Method-Override: PATCH") == 0);
}

TEST_CASE("the path in a Destination is held to the rules that hold for the request's own") {
  const relay::AdmissionRules rules = denying({}, {"/crm/admin"});
  const auto status = [&](const std::string& value) {
    return verdict(RequestLines("COPY /crm/a HTTP/1.1\nHost: localhost:80\nDestination: " + value),
                   rules)
        .status;
  };
  for (const char* denied :
       {"http://localhost:80/crm/admin/x", "/crm/admin", "/crm/%61dmin#x", "/crm/b/../admin",
        "http://crm.example.com/base/admin/x", "http://localhost:80/crm/../x", "/crm/..%2fx",
        "http://crm.example.com/other", "http://crm.example.com/base/../x", "/b\nDestination: /..",
        "https://crm.example.com/base/admin"}) {
    CAPTURE(denied);
    CHECK(status(denied) == 403);
  }
  for (const char* admitted :
       {"/crm/b", "/b", "http://localhost:80/crm/b", "relative", "",
        "http://crm.example.com/base/b", "https://elsewhere.org/crm/admin"}) {
    CAPTURE(admitted);
    CHECK(status(admitted) == 0);
  }
  const Verdict denied =
      verdict(RequestLines("MOVE /a HTTP/1.1\nHost: localhost\ndestination: /crm/admin/1"), rules);
  CHECK(denied.detail.find("(in destination)") != std::string::npos);
}

TEST_CASE("a denied method is denied in any case, also where a page asks ahead") {
  const relay::AdmissionRules rules = denying({"DELETE"}, {});
  for (const char* method : {"DELETE", "delete", "DeLeTe"}) {
    CAPTURE(method);
    const Verdict denied =
        verdict(RequestLines(std::string(method) + " / HTTP/1.1\nHost: localhost"), rules);
    CHECK(denied.status == 403);
    CHECK(denied.detail.find("--deny-method") != std::string::npos);
  }
  CHECK(verdict(RequestLines("POST / HTTP/1.1\nHost: localhost"), rules).status == 0);
  const auto preflight = [&](const std::string& method) {
    return verdict(RequestLines("OPTIONS / HTTP/1.1\nHost: localhost\nOrigin: "
                                "https://app.example.com\nAccess-Control-Request-Method: " +
                                method),
                   rules)
        .status;
  };
  CHECK(preflight("DELETE") == 403);
  CHECK(preflight("POST") == 204);
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
  std::string_view page;
  const auto admission = relay::admit(head, kRules, only_crm, page, {}, {});
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

TEST_CASE("a Host that ends with a dot is the same name") {
  for (const char* host : {"localhost.", "LOCALHOST.:8080", "127.0.0.1."}) {
    CAPTURE(host);
    CHECK(status_of(std::string("Host: ") + host) == 0);
  }
  CHECK(status_of("Host: localhost..") == 421);
  CHECK(status_of("Host: evil.example.com.") == 421);
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
