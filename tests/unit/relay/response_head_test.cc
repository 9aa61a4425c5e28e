#include "relay/response_head.h"

#include <doctest/doctest.h>

#include <string>

#include "tests/unit/relay/relaying.h"

using namespace bearer;
using http::Framing;
using relay::Request;
using relay::ResponseFraming;
using relay::test::ResponseLines;
using relay::test::route;

namespace {

struct Fixture {
  Fixture() {
    request.route = &crm;
    request.authority = "localhost:8080";
  }
  /// Returns what the client gets of a response with those lines; "unsafe" if that is nothing.
  std::string relayed(std::string_view lines, const ResponseFraming& framing_out = {}) const {
    const ResponseLines head(lines);
    std::string out;
    return relay::append_response_head(out, head, request, framing_out) ? out : "unsafe";
  }

  relay::Route crm{route("/crm/", "https://crm.example.com/base/", true)};
  Request request;
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "status, reason and fields come in their order and spelling") {
  CHECK(
      relayed("HTTP/1.1 299 Odd  Reason\nx-ODD:  1 \nSet-Cookie: a\nSet-Cookie: b\nEmpty:") ==
      "HTTP/1.1 299 Odd  Reason\r\nx-ODD: 1\r\nSet-Cookie: a\r\nSet-Cookie: b\r\nEmpty: \r\n\r\n");
  CHECK(relayed("HTTP/1.0 200") == "HTTP/1.1 200 \r\n\r\n");
}

TEST_CASE_FIXTURE(Fixture, "fields of the connection end here, and those that it names") {
  CHECK(relayed("HTTP/1.1 200 OK\nConnection: close, X-Private\nX-Private: 1\nKeep-Alive: x\n"
                "Transfer-Encoding: chunked\nTrailer: X\nUpgrade: h2c\nProxy-Authenticate: Basic\n"
                "Proxy-Status: other; error=dns_error\nX-Public: 2") ==
        "HTTP/1.1 200 OK\r\nProxy-Status: other; error=dns_error\r\nX-Public: 2\r\n\r\n");
}

TEST_CASE_FIXTURE(Fixture, "where no body is, one sound length goes on, and nothing in doubt") {
  struct Case {
    http::Method method;
    const char* status;
    const char* lines;
    const char* kept;  // of them
  };
  constexpr http::Method kGet = http::Method::get, kHead = http::Method::head;
  for (const Case& c : {
           Case{kHead, "200 OK", "Content-Length: 71", "Content-Length: 71\r\n"},
           Case{kHead, "200 OK", "Content-Length: 71\nContent-Length: 71",
                "Content-Length: 71\r\n"},
           Case{kHead, "200 OK", "Content-Length: 71\nTransfer-Encoding: chunked", ""},
           Case{kHead, "404 No", "Content-Length: 71\nContent-Length: 72", ""},
           Case{kHead, "200 OK", "Content-Length:", ""},
           Case{kHead, "200 OK", "Content-Length: 9223372036854775808", ""},
           Case{kHead, "200 OK", "Transfer-Encoding: chunked\nTransfer-Encoding: chunked", ""},
           Case{kGet, "304 Same", "Content-Length: 0071", "Content-Length: 71\r\n"},
           Case{kGet, "304 Same", "Content-Length: 71, 71", ""},
           Case{kGet, "304 Same", "Transfer-Encoding: gzip, chunked\nContent-Length: 3", ""},
           Case{kGet, "204 None", "Content-Length: 0", "Content-Length: 0\r\n"},
           Case{kGet, "204 None", "Content-Length:", ""},
           Case{kGet, "204 None", "Content-Length: 0\nContent-Length: 4", ""},
           Case{kGet, "204 None", "Content-Length: 0\nTransfer-Encoding: identity", ""},
           Case{kGet, "103 Hints", "Content-Length: x", ""},
       }) {
    CAPTURE(c.lines);
    request.method = c.method;
    const std::string line = "HTTP/1.1 " + std::string(c.status);
    CHECK(relayed(line + "\n" + c.lines + "\nX: 1") == line + "\r\n" + c.kept + "X: 1\r\n\r\n");
  }
}

TEST_CASE_FIXTURE(Fixture,
                  "a served page may read the answer, whatever the upstream says of pages") {
  const std::string upstream =
      "HTTP/1.1 200 OK\nAccess-Control-Allow-Origin: https://console.example.com\nVary: Accept";
  CHECK(relayed(upstream) ==
        "HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: https://console.example.com\r\n"
        "Vary: Accept\r\n\r\n");
  request.varies_by_origin = true;
  request.page = "https://app.example.com";
  CHECK(relayed(upstream) ==
        "HTTP/1.1 200 OK\r\nVary: Accept\r\n"
        "Access-Control-Allow-Origin: https://app.example.com\r\n"
        "Access-Control-Allow-Credentials: true\r\n"
        "Access-Control-Expose-Headers: Vary\r\nVary: Origin\r\n\r\n");
  CHECK(relayed("HTTP/1.1 201 Created\naccess-control-allow-credentials: false\n"
                "Access-Control-Expose-Headers: X-Theirs\nAccess-Control-Max-Age: 77\n"
                "Set-Cookie: a=1\nX-Csrf: t\nETag: \"e\"") ==
        "HTTP/1.1 201 Created\r\nSet-Cookie: a=1\r\nX-Csrf: t\r\nETag: \"e\"\r\n"
        "Access-Control-Allow-Origin: https://app.example.com\r\n"
        "Access-Control-Allow-Credentials: true\r\n"
        "Access-Control-Expose-Headers: X-Csrf, ETag\r\nVary: Origin\r\n\r\n");
}

TEST_CASE_FIXTURE(Fixture,
                  "addresses of the upstream lead back to the proxy, and cookies come back") {
  CHECK(relayed("HTTP/1.1 202 Accepted\nOperation-Location: https://crm.example.com/base/op/1\n"
                "Azure-AsyncOperation: http://crm.example.com/base/op/1\n"
                "Refresh: 3; url=https://crm.example.com/base/op/1\n"
                "Set-Cookie: sid=1; Domain=crm.example.com; Path=/base/; Secure\n"
                "Access-Control-Allow-Origin: https://crm.example.com\n"
                "X-Docs: https://docs.example.com/") ==
        "HTTP/1.1 202 Accepted\r\nOperation-Location: http://localhost:8080/crm/op/1\r\n"
        "Azure-AsyncOperation: http://localhost:8080/crm/op/1\r\n"
        "Refresh: 3; url=http://localhost:8080/crm/op/1\r\n"
        "Set-Cookie: sid=1; Path=/crm/\r\n"
        "Access-Control-Allow-Origin: https://crm.example.com\r\n"
        "X-Docs: https://docs.example.com/\r\n\r\n");
}

TEST_CASE_FIXTURE(Fixture, "a body's length cannot be named away") {
  CHECK(relayed("HTTP/1.1 200 OK\nConnection: content-length\nContent-Length: 5") ==
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
}

TEST_CASE_FIXTURE(Fixture, "a length is relayed as everybody reads it") {
  CHECK(relayed("HTTP/1.1 200 OK\nContent-Length: 0010") ==
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n");
}

TEST_CASE_FIXTURE(Fixture, "a head whose Connection names too much cannot be forwarded safely") {
  std::string options;
  for (int i = 0; i < 40; ++i) options += "x" + std::to_string(i) + ",";
  const std::string lines = "HTTP/1.1 200 OK\nConnection: " + options;
  CHECK(relayed(lines) == "unsafe");
  const ResponseLines head(lines);
  std::string out;
  CHECK_FALSE(relay::append_interim_head(out, head, request));
}

TEST_CASE_FIXTURE(Fixture, "links to the upstream become links to the proxy") {
  CHECK(relayed("HTTP/1.1 302 Found\nLocation: https://crm.example.com/base/x?y") ==
        "HTTP/1.1 302 Found\r\nLocation: http://localhost:8080/crm/x?y\r\n\r\n");
  CHECK(relayed("HTTP/1.1 201 Created\ncontent-location: /base/x") ==
        "HTTP/1.1 201 Created\r\ncontent-location: /crm/x\r\n\r\n");
  CHECK(relayed("HTTP/1.1 200 OK\nLink: <https://crm.example.com/base/2>; rel=\"next\"") ==
        "HTTP/1.1 200 OK\r\nLink: <http://localhost:8080/crm/2>; rel=\"next\"\r\n\r\n");
  CHECK(relayed("HTTP/1.1 302 Found\nLocation: https://other.example/x") ==
        "HTTP/1.1 302 Found\r\nLocation: https://other.example/x\r\n\r\n");
  CHECK(relayed("HTTP/1.1 200 OK\nX-Next: https://crm.example.com/base/x") ==
        "HTTP/1.1 200 OK\r\nX-Next: http://localhost:8080/crm/x\r\n\r\n");
}

TEST_CASE_FIXTURE(Fixture, "links are seen from where the client addressed us") {
  const char* lines = "HTTP/1.1 302 Found\nLocation: https://crm.example.com/base/x";
  request.authority = "";  // HTTP/1.0 without Host: a path is all that is known
  CHECK(relayed(lines) == "HTTP/1.1 302 Found\r\nLocation: /crm/x\r\n\r\n");
  request.authority = "crm.example.com";
  request.as_forward_proxy = true;
  CHECK(relayed(lines) == "HTTP/1.1 302 Found\r\nLocation: http://crm.example.com/base/x\r\n\r\n");
}

TEST_CASE_FIXTURE(Fixture, "our own lines follow: chunks, attempts, the connection's end") {
  struct Case {
    ResponseFraming framing_out;
    bool http_1_1;
    const char* lines;
  };
  using Kind = Framing::Kind;
  const Case cases[] = {
      {{.framing = Kind::none, .close = false, .attempts = 1}, true, ""},
      {{.framing = Kind::chunked, .close = false, .attempts = 1},
       true,
       "Transfer-Encoding: chunked\r\n"},
      {{.framing = Kind::length, .close = false, .attempts = 2},
       true,
       "Bearer-Proxy-Attempts: 2\r\n"},
      {{.framing = Kind::length, .close = true, .attempts = 1}, true, "Connection: close\r\n"},
      {{.framing = Kind::chunked, .close = true, .attempts = 12},
       true,
       "Transfer-Encoding: chunked\r\nBearer-Proxy-Attempts: 12\r\nConnection: close\r\n"},
      {{.framing = Kind::length, .close = false, .attempts = 1},
       false,
       "Connection: keep-alive\r\n"},
      {{.framing = Kind::until_close, .close = true, .attempts = 1},
       false,
       "Connection: close\r\n"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.lines);
    request.http_1_1 = c.http_1_1;
    CHECK(relayed("HTTP/1.1 200 OK", c.framing_out) ==
          "HTTP/1.1 200 OK\r\n" + std::string(c.lines) + "\r\n");
  }
}

TEST_CASE_FIXTURE(Fixture,
                  "a body without a length is chunked for HTTP/1.1, ends with the "
                  "connection for HTTP/1.0") {
  using Kind = Framing::Kind;
  for (const Kind kind : {Kind::none, Kind::length}) {
    for (const bool http_1_1 : {true, false}) {
      request.http_1_1 = http_1_1;
      CHECK(relay::delivery_framing(request, {kind, 5}, false) == kind);
    }
  }
  for (const Kind kind : {Kind::chunked, Kind::until_close}) {
    request.http_1_1 = true;
    CHECK(relay::delivery_framing(request, {kind, 0}, false) == Kind::chunked);
    request.http_1_1 = false;
    CHECK(relay::delivery_framing(request, {kind, 0}, false) == Kind::until_close);
  }
}

TEST_CASE_FIXTURE(Fixture, "an interim head is relayed without lines of ours") {
  const ResponseLines head(
      "HTTP/1.1 103 Early Hints\nLink: </base/style.css>\nConnection: x\nX: y");
  std::string out;
  CHECK(relay::append_interim_head(out, head, request));
  CHECK(out == "HTTP/1.1 103 Early Hints\r\nLink: </crm/style.css>\r\n\r\n");
}

TEST_CASE_FIXTURE(Fixture, "a 101 keeps its Upgrade, and the Connection field that it needs") {
  const ResponseLines head(
      "HTTP/1.1 101 Switching Protocols\nUpgrade: websocket\nConnection: upgrade\nX: y");
  std::string out;
  CHECK(relay::append_switch_head(out, head, request, 2));
  CHECK(out ==
        "HTTP/1.1 101 Switching Protocols\r\nX: y\r\nUpgrade: websocket\r\n"
        "Bearer-Proxy-Attempts: 2\r\nConnection: Upgrade\r\n\r\n");
}
