// Addresses of ours in the fields of a request.
#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "relay/request.h"
#include "tests/unit/relay/requesting.h"

using namespace bearer;
using namespace bearer::relay::test::requesting;
using relay::Request;
using relay::test::RequestLines;
using relay::test::route;

TEST_CASE(
    "the page that was admitted here is not told to the API, whose own check would refuse it") {
  CHECK(sent("Origin: http://localhost\nReferer: http://localhost/page?x") == "");
  CHECK(sent("Referer: https://docs.example.com/") == "Referer: https://docs.example.com/\r\n");
  CHECK(sent("Referer: http://localhost.example.com/") ==
        "Referer: http://localhost.example.com/\r\n");
}

TEST_CASE("an address of ours becomes the upstream's, whatever field it is in") {
  CHECK(sent("Destination: http://localhost/a/b\nX-Callback: http://elsewhere/") ==
        "Destination: https://api.example.com/a/b\r\nX-Callback: http://elsewhere/\r\n");
}

TEST_CASE("an address of ours becomes that of the upstream of its own path, not of the request's") {
  CHECK(sent("Destination: http://localhost/crm/a/b") ==
        "Destination: http://crm.example.com:8080/base/a/b\r\n");
  CHECK(sent("If: <http://localhost/crm/a> (<t:1>) <http://localhost/b> (<t:2>)") ==
        "If: <http://crm.example.com:8080/base/a> (<t:1>) <https://api.example.com/b> (<t:2>)\r\n");
  CHECK(sent("Link: <http://localhost/crm/a>; rel=up, <http://elsewhere/>; rel=x") ==
        "Link: <http://crm.example.com:8080/base/a>; rel=up, <http://elsewhere/>; rel=x\r\n");
  const auto from_crm = [](const std::string& field) {
    const Request request = read("MOVE /crm/a HTTP/1.1\nHost: localhost\n" + field);
    return request.head.view().find("\r\nDestination: https://api.example.com/a?b\r\n") !=
           std::string::npos;
  };
  CHECK(from_crm("Destination: http://localhost/a?b"));
  CHECK_FALSE(from_crm("Destination: http://localhost:8080/a?b"));
}

TEST_CASE("an address of ours that no route takes is left as it came") {
  static const relay::RouteTable only({route("/files/", "https://dav.example.com/v1/", true),
                                       route("/dav/", "https://dav.example.com/v2/", true)});
  const auto destination = [](const std::string& start, const std::string& address) {
    const RequestLines head(start + " HTTP/1.1\nHost: localhost\nDestination: " + address);
    Request request;
    request.id.set("one");
    REQUIRE_FALSE(relay::read_request(head, {}, only, request, {}, {}).has_value());
    const std::string_view sent = request.head.view();
    const std::size_t begin = sent.find("Destination: ") + 13;
    return std::string(sent.substr(begin, sent.find('\r', begin) - begin));
  };
  for (const char* left : {"http://localhost/other/a", "http://localhost.example.com/dav/a",
                           "http://localhost", "/other/a", "a/b"}) {
    CAPTURE(left);
    CHECK(destination("COPY /files/a", left) == left);
  }
  CHECK(destination("COPY /files/a", "http://localhost/dav/a#b") ==
        "https://dav.example.com/v2/a#b");
  CHECK(destination("COPY /files/a", "/dav/a") == "https://dav.example.com/v2/a");
  // Through a forward proxy, the addresses are those of the upstreams.
  CHECK(destination("COPY http://dav.example.com/v1/a", "http://dav.example.com/v2/b") ==
        "https://dav.example.com/v2/b");
  CHECK(destination("COPY http://dav.example.com/v1/a", "/v2/b") == "https://dav.example.com/v2/b");
}
