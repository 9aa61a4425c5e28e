#include "relay/head/cors.h"

#include <doctest/doctest.h>

#include <string>

#include "tests/unit/relay/relaying.h"

using namespace bearer;
using relay::test::RequestLines;

TEST_CASE("a preflight is an OPTIONS of a page that names the method to come") {
  struct Case {
    const char* lines;
    bool preflight;
  };
  const Case cases[] = {
      {"OPTIONS / HTTP/1.1\nOrigin: http://a\nAccess-Control-Request-Method: PUT", true},
      {"OPTIONS / HTTP/1.1\nAccess-Control-Request-Method: PUT", false},
      {"OPTIONS / HTTP/1.1\nOrigin: http://a", false},
      {"OPTIONS / HTTP/1.1\nOrigin: http://a\nAccess-Control-Request-Method:", false},
      {"GET / HTTP/1.1\nOrigin: http://a\nAccess-Control-Request-Method: PUT", false},
  };
  for (const Case& c : cases) {
    CAPTURE(c.lines);
    CHECK(relay::is_preflight(RequestLines(c.lines)) == c.preflight);
  }
}

TEST_CASE("a page may use credentials, and sees each field by its name") {
  std::string head =
      "HTTP/1.1 200 OK\r\nLink: <http://a/?b:c>\r\nX-Rows: 3\r\n"
      "Set-Cookie: a=1\r\nTransfer-Encoding: chunked\r\n";
  relay::append_cors_fields(head, "https://page.example", "Retry-After");
  CHECK(head ==
        "HTTP/1.1 200 OK\r\nLink: <http://a/?b:c>\r\nX-Rows: 3\r\n"
        "Set-Cookie: a=1\r\nTransfer-Encoding: chunked\r\n"
        "Access-Control-Allow-Origin: https://page.example\r\n"
        "Access-Control-Allow-Credentials: true\r\n"
        "Access-Control-Expose-Headers: Retry-After, Link, X-Rows\r\nVary: Origin\r\n");
  std::string others = "HTTP/1.1 200 OK\r\nX-Rows: 3\r\n";
  relay::append_cors_fields(others, "", "Retry-After");
  CHECK(others == "HTTP/1.1 200 OK\r\nX-Rows: 3\r\nVary: Origin\r\n");
}

TEST_CASE("a preflight's answer allows what is asked for, and nothing beside it") {
  const RequestLines plain("OPTIONS / HTTP/1.1\nAccess-Control-Request-Method: PUT");
  CHECK(relay::preflight_fields(static_cast<const http::RequestHead&>(plain).fields) ==
        "Access-Control-Allow-Methods: PUT\r\nAccess-Control-Max-Age: 600\r\n");
  const RequestLines more(
      "OPTIONS / HTTP/1.1\nAccess-Control-Request-Method: PUT\n"
      "Access-Control-Request-Headers: x-job,content-type");
  CHECK(relay::preflight_fields(static_cast<const http::RequestHead&>(more).fields) ==
        "Access-Control-Allow-Methods: PUT\r\nAccess-Control-Max-Age: 600\r\n"
        "Access-Control-Allow-Headers: x-job,content-type\r\n");
}
