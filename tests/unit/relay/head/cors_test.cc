#include "relay/head/cors.h"

#include <doctest/doctest.h>

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
