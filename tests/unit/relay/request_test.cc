#include "relay/request.h"

#include <doctest/doctest.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "tests/unit/relay/requesting.h"

using namespace bearer;
using namespace std::chrono_literals;
using http::Framing;
using relay::LocalReply;
using relay::Request;
using namespace bearer::relay::test::requesting;
using relay::test::RequestLines;
using relay::test::route;

TEST_CASE("a traced request has one traceparent, ours, unless a person fixed another") {
  constexpr std::string_view kLines =
      "GET / HTTP/1.1\nHost: localhost\ntraceparent: 00-odd\ntracestate: a=1\nB: 2";
  const auto head_of = [&](const relay::RouteTable& routes, bool traced) {
    const RequestLines head(kLines);
    Request request;
    request.id.set("one");
    if (traced) {
      request.trace = std::make_unique<relay::TraceContext>();
      request.trace->sampled = true;
      request.trace->trace.fill('7');
      request.trace->span.fill('8');
    }
    REQUIRE_FALSE(relay::test::read_request(head, {}, routes, request).has_value());
    return std::string(request.head.view());
  };
  const std::string ours =
      "\r\ntraceparent: 00-" + std::string(32, '7') + "-" + std::string(16, '8') + "-01\r\n";
  const std::string traced = head_of(table(), true);
  CHECK(traced.find(ours) != std::string::npos);
  CHECK(traced.find("odd") == std::string::npos);
  CHECK(traced.find("tracestate") == std::string::npos);
  CHECK(traced.find("B: 2\r\n") != std::string::npos);
  const std::string untraced = head_of(table(), false);
  CHECK(untraced.find("traceparent: 00-odd\r\ntracestate: a=1\r\n") != std::string::npos);
  CHECK(untraced.find(ours) == std::string::npos);
  relay::RouteOptions fixed = route("/", "https://api.example.com");
  fixed.fixed_fields.push_back({"Traceparent", base::Secret("x")});
  CHECK(head_of(relay::RouteTable({fixed}), true).find("raceparent") == std::string::npos);
}

TEST_CASE("method, target and fields go on in their order and spelling") {
  const Request request = read(
      "PoSt /a%2Fb/./c//?q=1&q=%20 HTTP/1.1\n"
      "accept: */*\n"
      "X-ODD-case:   spaced\t\n"
      "hOsT: localhost:8080\n"
      "Accept: again\n"
      "Empty:");
  CHECK(request.head ==
        "PoSt /a%2Fb/./c//?q=1&q=%20 HTTP/1.1\r\n"
        "accept: */*\r\n"
        "X-ODD-case: spaced\r\n"
        "hOsT: api.example.com\r\n"
        "Accept: again\r\n"
        "Empty: \r\n"
        "X-Request-Id: one\r\nVia: 1.1 bearer-proxy\r\n");
  CHECK(request.method_text() == "PoSt");
  CHECK(request.target_text() == "/a%2Fb/./c//?q=1&q=%20");
  CHECK(request.path() == "/a%2Fb/./c//");
  CHECK(request.authority == "localhost:8080");
}

TEST_CASE("what the upstream's head has too is kept once, while the request may wait") {
  constexpr std::string_view kId = "0123456789abcdef0123456789abcdef";
  const auto made = [&](std::string_view lines) {
    const RequestLines head(lines);
    Request request;
    request.id.set(kId);
    REQUIRE_FALSE(relay::test::read_request(head, {}, table(), request).has_value());
    return request;
  };
  const Request plain = made("GET /a?b HTTP/1.1\nHost: localhost");
  CHECK(plain.target == "");
  CHECK(plain.target_text() == "/a?b");
  CHECK(plain.id.view() == "");
  CHECK(plain.id_text() == kId);
  // The upstream of /crm/ sees another path.
  const Request stripped = made("GET /crm/a?b HTTP/1.1\nHost: localhost");
  CHECK(stripped.target_text() == "/crm/a?b");
  CHECK(stripped.path() == "/crm/a");
  CHECK(stripped.upstream_target() == "/base/a?b");
  CHECK(stripped.id_text() == kId);
  // The client's own field may be anywhere in the head.
  const Request own = made("GET / HTTP/1.1\nHost: localhost\nX-Request-Id: " + std::string(kId));
  CHECK(own.id_text() == kId);
}

TEST_CASE("the request's id is sent once: in the client's own field, or in one of ours") {
  const std::string kept(
      read("GET / HTTP/1.1\nHost: localhost\nx-REQUEST-id: one\nA: b").head.view());
  CHECK(kept.find("x-REQUEST-id: one\r\nA: b\r\n") != std::string::npos);
  CHECK(sent("X-Request-Id: another\nA: b") == "A: b\r\n");
  CHECK(sent("X-Request-Id: one\nConnection: x-request-id").empty());
}

TEST_CASE("OPTIONS of a whole upstream is sent as an asterisk") {
  const std::string_view sent = "OPTIONS * HTTP/1.1\r\nHost: api.example.com\r\n";
  for (const char* target : {"http://api.example.com", "http://localhost:8080", "*"}) {
    CAPTURE(target);
    CHECK(read("OPTIONS " + std::string(target) + " HTTP/1.1\nHost: localhost")
              .head.view()
              .starts_with(sent));
  }
  // With a path, be it the shortest, it speaks of that.
  CHECK(read("OPTIONS http://api.example.com/ HTTP/1.1\nHost: x")
            .head.view()
            .starts_with("OPTIONS / "));
  CHECK(read("OPTIONS http://api.example.com?q HTTP/1.1\nHost: x")
            .head.view()
            .starts_with("OPTIONS /?q "));
}

TEST_CASE("the upstream's host, port and base path are put in place") {
  CHECK(read("GET /crm/orders?x HTTP/1.1\nHost: localhost").head ==
        "GET /base/orders?x HTTP/1.1\r\nHost: crm.example.com:8080\r\nX-Request-Id: one\r\nVia: "
        "1.1 bearer-proxy\r\n");
  CHECK(read("GET http://crm.example.com:8080/base/x HTTP/1.1\nHost: other").head ==
        "GET /base/x HTTP/1.1\r\nHost: crm.example.com:8080\r\nX-Request-Id: one\r\nVia: 1.1 "
        "bearer-proxy\r\n");
  CHECK(
      read("GET / HTTP/1.0").head ==
      "GET / HTTP/1.1\r\nHost: api.example.com\r\nX-Request-Id: one\r\nVia: 1.0 bearer-proxy\r\n");
}

TEST_CASE("the client's own Authorization never reaches the upstream") {
  CHECK(sent("Authorization: Bearer stolen\nX: y\nauthorization: Basic eDp5") == "X: y\r\n");
}

TEST_CASE("fields of the connection end here, and those that it names") {
  CHECK(sent("Connection: close, X-Private\nX-Private: 1\nKeep-Alive: timeout=5\n"
             "Proxy-Connection: keep-alive\nProxy-Authorization: Basic eDp5\nTE: gzip\n"
             "Trailer: X\nUpgrade: h2c\nX-Public: 2") == "X-Public: 2\r\n");
}

TEST_CASE("no client can have our lines or the body's length taken away") {
  CHECK(sent("Connection: authorization, host, via, content-length\nContent-Length: 0") ==
        "Content-Length: 0\r\n");
}

TEST_CASE("a chunked body stays one, a sized one keeps its length") {
  const Request chunked = read("POST / HTTP/1.1\nHost: localhost\nTransfer-Encoding: Chunked");
  CHECK(chunked.framing.kind == Framing::Kind::chunked);
  CHECK(chunked.head.view().find("\r\nTransfer-Encoding: chunked\r\n") != std::string::npos);
  const Request sized = read("POST / HTTP/1.1\nHost: localhost\nContent-Length: 5");
  CHECK(sized.framing == Framing{Framing::Kind::length, 5});
  CHECK(sized.head.view().find("\r\nContent-Length: 5\r\n") != std::string::npos);
  CHECK(sized.head.view().find("Transfer-Encoding") == std::string::npos);
}

TEST_CASE("a length is sent as everybody reads it") {
  CHECK(sent("Content-Length: 0010") == "Content-Length: 10\r\n");
}

TEST_CASE("Via names the version in which the request came") {
  const auto via = [](std::string_view lines, bool http2) {
    const RequestLines head(lines);
    Request request;
    request.http2 = http2;
    REQUIRE_FALSE(relay::test::read_request(head, {}, table(), request).has_value());
    const std::string_view sent = request.head.view();
    return std::string(sent.substr(sent.rfind("Via: ")));
  };
  CHECK(via("GET / HTTP/1.1\nHost: localhost", false) == "Via: 1.1 bearer-proxy\r\n");
  CHECK(via("GET / HTTP/1.0\nHost: localhost", false) == "Via: 1.0 bearer-proxy\r\n");
  CHECK(via("GET / HTTP/1.1\nHost: localhost", true) == "Via: 2 bearer-proxy\r\n");
}

TEST_CASE("TE: trailers goes on, with the Connection field that it needs") {
  CHECK(sent("TE: deflate, trailers\nConnection: TE") == "TE: trailers\r\nConnection: TE\r\n");
  CHECK(read("GET / HTTP/1.1\nHost: localhost\nTE: trailers").wants_trailers);
  CHECK_FALSE(read("GET / HTTP/1.0\nTE: trailers").wants_trailers);
  CHECK_FALSE(read("GET / HTTP/1.1\nHost: localhost\nTE: gzip").wants_trailers);
}

TEST_CASE("Expect: 100-continue is answered by us and not sent on, another one is") {
  CHECK(sent("Expect: 100-Continue") == "");
  CHECK(sent("Expect: 200-ok") == "Expect: 200-ok\r\n");
  CHECK(read("POST / HTTP/1.1\nHost: localhost\nExpect: 100-continue").expects_continue);
  CHECK_FALSE(read("POST / HTTP/1.0\nExpect: 100-continue").expects_continue);
}

TEST_CASE("a tunnel's Upgrade goes on, but none to another HTTP") {
  const Request request = read(
      "GET /socket HTTP/1.1\nHost: localhost\nConnection: keep-alive, Upgrade\n"
      "Upgrade: websocket\nTE: trailers\nSec-WebSocket-Key: x");
  CHECK(request.wants_tunnel);
  CHECK_FALSE(request.wants_trailers);
  CHECK(request.head ==
        "GET /socket HTTP/1.1\r\nHost: api.example.com\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Key: x\r\nConnection: Upgrade\r\nX-Request-Id: one\r\nVia: 1.1 "
        "bearer-proxy\r\n");
  for (const char* lines :
       {"Connection: Upgrade\nUpgrade: h2c", "Connection: Upgrade\nUpgrade: websocket, HTTP/2.0",
        "Upgrade: websocket", "Connection: close\nUpgrade: websocket",
        "Connection: Upgrade\nUpgrade: websocket\nUpgrade: other",
        "Connection: Upgrade\nUpgrade: TLS/1.0", "Connection: Upgrade\nUpgrade: \"h2c\""}) {
    CAPTURE(lines);
    const Request plain = read("GET / HTTP/1.1\nHost: localhost\n" + std::string(lines));
    CHECK_FALSE(plain.wants_tunnel);
    CHECK(plain.head.view().find("Upgrade") == std::string::npos);
  }
}

TEST_CASE("an Upgrade may have a body, but not on its way to a WebSocket of HTTP/2") {
  for (const char* lines :
       {"Upgrade: SPDY/3.1\nContent-Length: 0", "Upgrade: tcp\nContent-Length: 29",
        "Upgrade: tcp\nTransfer-Encoding: chunked"}) {
    CAPTURE(lines);
    const Request request =
        read("POST /exec HTTP/1.1\nHost: localhost\nConnection: Upgrade\n" + std::string(lines));
    CHECK(request.wants_tunnel);
    CHECK(request.head.view().find("\r\nConnection: Upgrade\r\n") != std::string::npos);
    CHECK(request.head.view().find("\r\nUpgrade: ") != std::string::npos);
  }
  const std::string handshake =
      "GET / HTTP/1.1\nHost: localhost\nConnection: Upgrade\nUpgrade: websocket\nContent-Length: ";
  CHECK(read(handshake + "0").websocket);
  CHECK_FALSE(read(handshake + "5").websocket);
}

TEST_CASE("what decides on retries is read from the head") {
  struct Case {
    const char* lines;
    bool idempotent;
  };
  for (const Case& c : {Case{"GET / HTTP/1.1\nHost: localhost", true},
                        Case{"DELETE / HTTP/1.1\nHost: localhost", true},
                        Case{"POST / HTTP/1.1\nHost: localhost", false},
                        Case{"PATCH / HTTP/1.1\nHost: localhost", false},
                        Case{"get / HTTP/1.1\nHost: localhost", false},
                        Case{"POST / HTTP/1.1\nHost: localhost\nIdempotency-Key: 1", true},
                        Case{"POST / HTTP/1.1\nHost: localhost\nIdempotency-Key:", false}}) {
    CAPTURE(c.lines);
    CHECK(read(c.lines).idempotent == c.idempotent);
  }
  CHECK(read("GET / HTTP/1.1\nHost: localhost\nPrefer: wait=5").patience == 5s);
  CHECK(read("GET / HTTP/1.1\nHost: localhost").patience == base::Duration::max());
}

TEST_CASE("a POST that only reads, by its path, is retried as a GET is") {
  const auto only_reads = [](const std::string& start_line, const std::string& fields = "") {
    static const relay::RouteTable queries = [] {
      std::vector<relay::RouteOptions> made = {route("/", "https://api.example.com"),
                                               route("/crm/", "https://crm.example.com/v3/", true)};
      for (relay::RouteOptions& options : made) {
        for (const char* text : {"/api/**/query", "/v3/search", "/crm/find"}) {
          options.read_only_posts.push_back(http::PathPattern::parse(text).value());
        }
      }
      return relay::RouteTable(made);
    }();
    const RequestLines head(start_line + " HTTP/1.1\nHost: localhost" + fields);
    Request request;
    REQUIRE_FALSE(relay::test::read_request(head, {}, queries, request).has_value());
    return request.idempotent;
  };
  CHECK(only_reads("POST /api/v2/users/query?page=2"));
  CHECK(only_reads("POST http://api.example.com/api/query"));
  CHECK(only_reads("POST /crm/search"));  // as the upstream sees it
  CHECK(only_reads("POST /crm/find"));    // as the client wrote it
  CHECK_FALSE(only_reads("POST /api/v2/orders"));
  CHECK_FALSE(only_reads("POST /orders/query"));
  CHECK_FALSE(only_reads("PATCH /api/v2/users/query"));
  SUBCASE("but not where a server may read another path in it, or another method") {
    for (const char* target : {"/api/../orders/query", "/api/a/%2e%2e/%2e%2e/orders/query",
                               "/api/a%2f..%2f..%2forders/query", "/api/%252e%252e/orders/query"}) {
      CAPTURE(target);
      CHECK_FALSE(only_reads(std::string("POST ") + target));
    }
    CHECK_FALSE(only_reads("POST /api/v2/users/query", "\nX-HTTP-Method-Override: DELETE"));
    CHECK_FALSE(only_reads("POST /api/v2/users/query", "\nx-http-method: PATCH"));
    CHECK_FALSE(only_reads("POST /api/v2/users/query", "\nX_HTTP_Method: PATCH"));
    // Nor is a GET one then, for a server that goes by the field.
    CHECK_FALSE(only_reads("GET /x", "\nX-HTTP-Method-Override: POST"));
  }
}

TEST_CASE("a client's own token request is known by its path, however that is spelled") {
  const auto wants_stub = [](const std::string& start_line) {
    static const relay::RouteTable stubbed = [] {
      std::vector<relay::RouteOptions> made = {route("/", "https://api.example.com"),
                                               route("/crm/", "https://crm.example.com/v3/", true)};
      for (relay::RouteOptions& options : made) {
        for (const char* text : {"/oauth/token", "/v3/login", "/crm/auth"})
          options.stub_tokens.push_back(http::PathPattern::parse(text).value());
      }
      return relay::RouteTable(made);
    }();
    const RequestLines head(start_line + " HTTP/1.1\nHost: localhost");
    Request request;
    REQUIRE_FALSE(relay::test::read_request(head, {}, stubbed, request).has_value());
    return request.wants_stub;
  };
  for (const char* target : {"/oauth/token", "/oauth/token?client_secret=x", "//oauth/token",
                             "/oauth/%74oken", "http://api.example.com/oauth/token",
                             "/crm/login",  // as the upstream sees it
                             "/crm/auth"}) {
    CAPTURE(target);
    CHECK(wants_stub("POST " + std::string(target)));
    CHECK_FALSE(wants_stub("GET " + std::string(target)));
  }
  for (const char* target : {"/oauth/tokens", "/oauth", "/api/oauth/token", "/crm/oauth"})
    CHECK_FALSE(wants_stub("POST " + std::string(target)));
}

TEST_CASE("what a client's own token request says is kept nowhere") {
  relay::RouteOptions options = route("/", "https://api.example.com");
  options.stub_tokens.push_back(http::PathPattern::parse("/t").value());
  const relay::RouteTable stubbed({options});
  const RequestLines head(
      "POST /t?client_secret=x HTTP/1.1\nHost: localhost\nAuthorization: Basic eDp5");
  Request request;
  REQUIRE_FALSE(relay::test::read_request(head, {}, stubbed, request).has_value());
  CHECK(request.target == "/t");
  CHECK(request.head == "POST");
}

TEST_CASE("an Idempotency-Key that Connection names is not sent on, and allows no repetition") {
  const std::string lines = "POST / HTTP/1.1\nHost: localhost\nIdempotency-Key: 1\nConnection: ";
  for (const char* options : {"idempotency-key", "x, IDEMPOTENCY-Key, close"}) {
    CAPTURE(options);
    const Request request = read(lines + options);
    CHECK_FALSE(request.idempotent);
    CHECK(request.head.view().find("Idempotency-Key") == std::string::npos);
  }
  CHECK(read(lines + "idempotency").idempotent);
}

TEST_CASE("whether the client's connection goes on is read from the head") {
  CHECK(read("GET / HTTP/1.1\nHost: localhost").keep_alive);
  CHECK_FALSE(read("GET / HTTP/1.1\nHost: localhost\nConnection: close").keep_alive);
  CHECK_FALSE(read("GET / HTTP/1.0").keep_alive);
  CHECK(read("GET / HTTP/1.0\nConnection: keep-alive").keep_alive);
  CHECK_FALSE(read("GET / HTTP/1.0").http_1_1);
}
