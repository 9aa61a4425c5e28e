#include "wire/reply.h"

#include <doctest/doctest.h>

using namespace bearer;

TEST_CASE("an answer of our own is a status line, its fields, and a body") {
  std::string message = wire::status_line(404);
  wire::end_head(message, false, "none");
  CHECK(message == "HTTP/1.1 404 Not Found\r\n\r\nnone");
  message = wire::status_line(200);
  wire::end_head(message, true, "");
  CHECK(message == "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
}

TEST_CASE("problem details are JSON whatever the detail holds") {
  CHECK(wire::problem_details("about:blank", 400, "a \"b\"\n") ==
        R"({"type":"about:blank","title":"Bad Request","status":400,"detail":"a \"b\"\n"})"
        "\n");
  CHECK(wire::problem_details("urn:x:y", 502, "", ",\"attempts\":3") ==
        R"({"type":"urn:x:y","title":"Bad Gateway","status":502,"detail":"","attempts":3})"
        "\n");
}
