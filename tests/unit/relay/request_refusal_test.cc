// Requests that are refused as soon as their head is read.
#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <string_view>

#include "relay/request.h"
#include "tests/unit/relay/relaying.h"

using namespace bearer;
using http::Framing;
using relay::LocalReply;
using relay::Request;
using relay::test::RequestLines;
using relay::test::route;

namespace {

const relay::RouteTable& table() {
  static const relay::RouteTable made({route("/", "https://api.example.com")});
  return made;
}

std::optional<LocalReply> refusal(std::string_view lines) {
  const RequestLines head(lines);
  Request request;
  return relay::test::read_request(head, {}, table(), request);
}

}  // namespace

TEST_CASE("ambiguous framing is refused before anything else") {
  struct Case {
    const char* fields;
    int status;
  };
  for (const Case& c : {Case{"Content-Length: 5\nTransfer-Encoding: chunked", 400},
                        Case{"Content-Length: 5\nContent-Length: 5", 400},
                        Case{"Content-Length: +5", 400}, Case{"Transfer-Encoding: gzip", 501}}) {
    CAPTURE(c.fields);
    // Host is not served either: that is not what is said.
    const auto reply = refusal("POST / HTTP/1.1\nHost: evil.example\n" + std::string(c.fields));
    REQUIRE(reply.has_value());
    CHECK(reply->status == c.status);
    CHECK(reply->error == "http_request_error");
  }
  std::string options;
  for (int i = 0; i < 40; ++i) options += "x" + std::to_string(i) + ",";
  CHECK(refusal("GET / HTTP/1.1\nHost: localhost\nConnection: " + options)->status == 431);
}

TEST_CASE("a refused request still says how its connection may go on") {
  const RequestLines head(
      "POST /x?y HTTP/1.1\nHost: evil.example\nContent-Length: 7\nExpect: 100-continue");
  Request request;
  const auto reply = relay::test::read_request(head, {}, table(), request);
  REQUIRE(reply.has_value());
  CHECK(reply->status == 421);
  CHECK(bool{request.keep_alive});
  CHECK(request.framing == Framing{Framing::Kind::length, 7});
  CHECK(bool{request.expects_continue});
  CHECK(request.target == "/x?y");
  CHECK(request.route == nullptr);
}

TEST_CASE("a page that is served may read why its request is malformed") {
  relay::AdmissionRules rules;
  rules.origins = {"https://app.example.com"};
  for (const char* fields : {"Transfer-Encoding: gzip", "Content-Length: 1\nContent-Length: 1"}) {
    CAPTURE(fields);
    const RequestLines head("POST / HTTP/1.1\nHost: localhost\nOrigin: https://app.example.com\n" +
                            std::string(fields));
    Request request;
    CHECK(relay::test::read_request(head, rules, table(), request)->unsound);
    CHECK(request.page == "https://app.example.com");
  }
}
