#include "admin/access_check.h"

#include <doctest/doctest.h>

#include <string>

#include "http/head_parser.h"

using namespace bearer;

namespace {

/// The status that a GET with these field lines is refused with; 0 if it is not.
int refused(const std::string& lines, const std::string& target = "/status") {
  const std::string bytes = "GET " + target + " HTTP/1.1\r\n" + lines + "\r\n";
  http::RequestHead head;
  REQUIRE(http::parse_request_head(bytes, head) == http::HeadFault::none);
  const auto at = [](std::string_view host) { return host == "10.1.2.3"; };
  const auto refusal = admin::access_check(head, {"proxy.example.com"}, at);
  return refusal ? refusal->status : 0;
}

}  // namespace

TEST_CASE(
    "the Hosts served are loopback names, those that were named, and the address it came in at") {
  for (const char* host : {"localhost", "localhost:9180", "127.0.0.1:9180", "[::1]:9180",
                           "proxy.example.com", "PROXY.Example.com:1", "10.1.2.3:9180"}) {
    CAPTURE(host);
    CHECK(refused("Host: " + std::string(host) + "\r\n") == 0);
  }
  CHECK(refused("Host: rebound.example\r\n") == 421);
  CHECK(refused("Host: 10.1.2.4\r\n") == 421);
  CHECK(refused("Host: localhost.example\r\n") == 421);
}

TEST_CASE("no Host, or two of them, are no request") {
  CHECK(refused("") == 400);
  CHECK(refused("Host: localhost\r\nHost: localhost\r\n") == 400);
}

TEST_CASE("what a browser sends for another site's page is refused, its own page is served") {
  const std::string host = "Host: localhost:9180\r\n";
  CHECK(refused(host + "Sec-Fetch-Site: cross-site\r\n") == 403);
  CHECK(refused(host + "Sec-Fetch-Site: same-site\r\n") == 403);
  CHECK(refused(host + "Sec-Fetch-Site: same-origin\r\n") == 0);
  CHECK(refused(host + "Sec-Fetch-Site: none\r\n") == 0);
  CHECK(refused(host + "Origin: https://evil.example\r\n") == 403);
  CHECK(refused(host + "Origin: null\r\n") == 403);
  CHECK(refused(host + "Origin: http://localhost:8080\r\n") == 403);
  CHECK(refused(host + "Origin: http://localhost:9180\r\n") == 0);
  CHECK(refused(host + "Origin: http://localhost:9180\r\nSec-Fetch-Site: cross-site\r\n") == 403);
  CHECK(refused(host + "Origin: http://localhost:9180\r\nOrigin: https://evil.example\r\n") == 403);
}

TEST_CASE("in the absolute form the target's host counts, not the Host field's") {
  const std::string own = "Host: localhost:9180\r\n";
  const std::string other = "Host: rebound.example\r\n";
  CHECK(refused(own, "http://localhost:9180/status") == 0);
  CHECK(refused(other, "http://localhost:9180/status") == 0);
  CHECK(refused(own, "http://rebound.example/status") == 421);
  CHECK(refused(own, "https://localhost:9180/status") == 0);
  CHECK(refused(own, "https://rebound.example/status") == 421);
  CHECK(refused(own, "ftp://localhost:9180/status") == 400);
  CHECK(refused(own, "http://a@localhost:9180/status") == 400);
  CHECK(refused(own + "Origin: http://localhost:9180\r\n", "http://localhost:9180/") == 0);
  CHECK(refused(own + "Origin: http://localhost:9180\r\n", "http://localhost:9181/") == 403);
}
