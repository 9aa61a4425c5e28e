#include "http/framing.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "http/head_parser.h"

using namespace bearer::http;
using Kind = Framing::Kind;

namespace {

struct Case {
  std::string lines;  // each with its CRLF
  HeadFault fault;
  Framing framing = {};
};

constexpr Framing kNone{Kind::none, 0};
constexpr Framing kChunked{Kind::chunked, 0};
constexpr Framing kUntilClose{Kind::until_close, 0};
constexpr Framing length(std::uint64_t bytes) {
  return {Kind::length, bytes};
}

HeadFault frame_request(const std::string& lines, Framing& framing, int minor_version = 1) {
  const std::string bytes =
      "POST / HTTP/1." + std::to_string(minor_version) + "\r\n" + lines + "\r\n";
  RequestHead head;
  REQUIRE(parse_request_head(bytes, head) == HeadFault::none);
  return request_framing(head, framing);
}

HeadFault frame_response(int status, const std::string& lines, Framing& framing,
                         Method request_method = Method::get, int minor_version = 1) {
  const std::string bytes = "HTTP/1." + std::to_string(minor_version) + " " +
                            std::to_string(status) + " x\r\n" + lines + "\r\n";
  ResponseHead head;
  REQUIRE(parse_response_head(bytes, head) == HeadFault::none);
  return response_framing(head, request_method, framing);
}

// Both sides are held to these; they differ only in what no field at all means.
const std::vector<Case> kCases{
    {"Content-Length: 0\r\n", HeadFault::none, length(0)},
    {"content-length: 5\r\n", HeadFault::none, length(5)},
    {"Content-Length: 0005\r\n", HeadFault::none, length(5)},
    {"Content-Length: 9223372036854775807\r\n", HeadFault::none, length(9223372036854775807u)},
    {"Content-Length: 9223372036854775808\r\n", HeadFault::length_malformed},
    {"Content-Length: 18446744073709551616\r\n", HeadFault::length_malformed},
    {"Content-Length: 99999999999999999999999999\r\n", HeadFault::length_malformed},
    {"Content-Length:\r\n", HeadFault::length_malformed},
    {"Content-Length: -1\r\n", HeadFault::length_malformed},
    {"Content-Length: +5\r\n", HeadFault::length_malformed},
    {"Content-Length: 0x5\r\n", HeadFault::length_malformed},
    {"Content-Length: 5.0\r\n", HeadFault::length_malformed},
    {"Content-Length: 5_0\r\n", HeadFault::length_malformed},
    {"Content-Length: 5 0\r\n", HeadFault::length_malformed},
    {"Content-Length: 5;\r\n", HeadFault::length_malformed},
    {"Content-Length: \"5\"\r\n", HeadFault::length_malformed},
    {"Content-Length: 5, 5\r\n", HeadFault::length_malformed},
    {"Content-Length: 5,6\r\n", HeadFault::length_malformed},
    {"Content-Length: 5,\r\n", HeadFault::length_malformed},
    {"Content-Length: 5\r\nContent-Length: 05\r\n", HeadFault::length_repeated},
    {"Content-Length: 5\r\nContent-Length: 5\r\nContent-Length: 6\r\n", HeadFault::length_repeated},
    {"Content-Length: 5, 5\r\nContent-Length: 5, 5\r\n", HeadFault::length_malformed},
    {"Content-Length: 5\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n",
     HeadFault::length_and_coding},
    {"Content-Length: 5\r\nX: y\r\ncontent-length: 6\r\n", HeadFault::length_repeated},

    {"Transfer-Encoding: chunked\r\n", HeadFault::none, kChunked},
    {"transfer-encoding: cHuNkEd\r\n", HeadFault::none, kChunked},
    {"Transfer-Encoding:\t chunked \t\r\n", HeadFault::none, kChunked},
    {"Transfer-Encoding: gzip\r\n", HeadFault::coding_unsupported},
    {"Transfer-Encoding: identity\r\n", HeadFault::coding_unsupported},
    {"Transfer-Encoding: xchunked\r\n", HeadFault::coding_unsupported},
    {"Transfer-Encoding: chunke\r\n", HeadFault::coding_unsupported},
    {"Transfer-Encoding: gzip, chunked\r\n", HeadFault::coding_unsupported},
    {"Transfer-Encoding: chunked, gzip\r\n", HeadFault::coding_malformed},
    {"Transfer-Encoding: chunked, identity\r\n", HeadFault::coding_malformed},
    {"Transfer-Encoding: chunked, chunked\r\n", HeadFault::coding_malformed},
    {"Transfer-Encoding: chunked,\r\n", HeadFault::coding_malformed},
    {"Transfer-Encoding: , chunked\r\n", HeadFault::coding_malformed},
    {"Transfer-Encoding:\r\n", HeadFault::coding_malformed},
    {"Transfer-Encoding: chunked;x=y\r\n", HeadFault::coding_malformed},
    {"Transfer-Encoding: chunked x\r\n", HeadFault::coding_malformed},
    {"Transfer-Encoding: x chunked\r\n", HeadFault::coding_malformed},
    {"Transfer-Encoding: \"chunked\"\r\n", HeadFault::coding_malformed},
    {"Transfer-Encoding: [chunked]\r\n", HeadFault::coding_malformed},
    {"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", HeadFault::coding_malformed},
    {"Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n", HeadFault::coding_malformed},
    {"Transfer-Encoding: identity\r\ntransfer-encoding: chunked\r\n", HeadFault::coding_malformed},

    {"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", HeadFault::length_and_coding},
    {"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", HeadFault::length_and_coding},
    {"Transfer-Encoding: identity\r\nContent-Length: 5\r\n", HeadFault::length_and_coding},
    {"Transfer-Encoding:\r\nContent-Length: 0\r\n", HeadFault::length_and_coding},
};

}  // namespace

TEST_CASE("a request's body ends where every reader finds its end, or the request is refused") {
  for (const Case& c : kCases) {
    CAPTURE(c.lines);
    Framing framing{};
    CHECK(frame_request(c.lines, framing) == c.fault);
    CHECK(framing == c.framing);
  }
}

TEST_CASE("a response with a body is held to the same framing rules") {
  for (const Case& c : kCases) {
    for (const int status : {200, 206, 401, 503}) {
      CAPTURE(c.lines);
      Framing framing{};
      CHECK(frame_response(status, c.lines, framing) == c.fault);
      CHECK(framing == c.framing);
    }
  }
}

TEST_CASE("a response without a body has none whatever its framing says, and a fault is odd") {
  for (const Case& c : kCases) {
    CAPTURE(c.lines);
    const bool faulty = c.fault != HeadFault::none;
    const bool announced = c.framing.kind == Kind::chunked || c.framing.length > 0;
    Framing framing = length(1);
    CHECK(frame_response(200, c.lines, framing, Method::head) == HeadFault::none);
    CHECK(framing == Framing{Kind::none, 0, faulty});
    for (const int status : {100, 103, 199, 204, 304}) {
      framing = length(1);
      CHECK(frame_response(status, c.lines, framing) == HeadFault::none);
      CHECK(framing == Framing{Kind::none, 0, faulty || announced});
    }
  }
}

TEST_CASE("a coding in an HTTP/1.0 response without a body is odd, and none is a fault of others") {
  for (const char* coding : {"chunked", "gzip", "identity, chunked"}) {
    const std::string line = "Transfer-Encoding: " + std::string(coding) + "\r\n";
    Framing framing = length(1);
    CHECK(frame_response(304, line, framing, Method::get, 0) == HeadFault::none);
    CHECK(framing == Framing{Kind::none, 0, true});
    CHECK(frame_response(404, line, framing, Method::head, 0) == HeadFault::none);
    CHECK(framing == Framing{Kind::none, 0, true});
    CHECK(frame_response(404, line, framing, Method::get, 0) == HeadFault::coding_on_http_1_0);
  }
}

TEST_CASE("a 101 with framing at fault is refused") {
  for (const Case& c : kCases) {
    if (c.fault == HeadFault::none) continue;
    CAPTURE(c.lines);
    Framing framing = length(1);
    CHECK(frame_response(101, c.lines, framing) == c.fault);
    CHECK(frame_response(101, c.lines, framing, Method::head) == c.fault);
    CHECK(framing == length(1));
  }
}

TEST_CASE("two equal lengths are one to a response, which is odd then, and a fault of a request") {
  const std::string twice = "Content-Length: 17\r\nX: y\r\ncontent-length: 17\r\n";
  Framing framing{};
  CHECK(frame_request(twice, framing) == HeadFault::length_repeated);
  CHECK(framing == Framing{});
  CHECK(frame_response(200, twice, framing) == HeadFault::none);
  CHECK(framing == Framing{Framing::Kind::length, 17, true});
  CHECK(frame_response(200, twice, framing, Method::head) == HeadFault::none);
  CHECK(framing == Framing{Framing::Kind::none, 0, true});
}

TEST_CASE("without either field a request has no body, and a response goes on until the close") {
  Framing framing = length(1);
  CHECK(frame_request("X-Content-Length: 5\r\n", framing) == HeadFault::none);
  CHECK(framing == kNone);
  CHECK(frame_response(200, "", framing) == HeadFault::none);
  CHECK(framing == kUntilClose);
  CHECK(frame_response(404, "", framing, Method::post, 0) == HeadFault::none);
  CHECK(framing == kUntilClose);
}

TEST_CASE("a request with a field that CGI would take for one that frames is refused") {
  for (const char* name : {"Content_Length", "content_length", "Transfer_Encoding"}) {
    CAPTURE(name);
    Framing framing = length(1);
    const std::string line = std::string(name) + ": 5\r\n";
    CHECK(frame_request(line, framing) == HeadFault::framing_lookalike);
    CHECK(frame_request("Content-Length: 5\r\n" + line, framing) == HeadFault::framing_lookalike);
    CHECK(framing == length(1));
    CHECK(frame_response(200, line, framing) == HeadFault::none);
  }
}

TEST_CASE("a length goes on without leading zeros, which somebody takes for the mark of octal") {
  const auto value = [](std::string_view name, std::string_view text) {
    return std::string(forwarded_value({name, text, field_name(name)}));
  };
  CHECK(value("Content-Length", "5") == "5");
  CHECK(value("content-length", "0010") == "10");
  CHECK(value("Content-Length", "0") == "0");
  CHECK(value("Content-Length", "000") == "0");
  CHECK(value("X-Length", "0010") == "0010");
  CHECK(value("X-Empty", "") == "");
}

TEST_CASE("HTTP/1.0 may give a length, but no transfer coding") {
  Framing framing{};
  CHECK(frame_request("Content-Length: 5\r\n", framing, 0) == HeadFault::none);
  CHECK(framing == length(5));
  CHECK(frame_request("Transfer-Encoding: chunked\r\n", framing, 0) ==
        HeadFault::coding_on_http_1_0);
  CHECK(frame_response(200, "Transfer-Encoding: chunked\r\n", framing, Method::get, 0) ==
        HeadFault::coding_on_http_1_0);
  CHECK(framing == length(5));
}

TEST_CASE("responses to HEAD, 1xx, 204 and 304 have no body") {
  for (const int status : {100, 101, 103, 199, 204, 304}) {
    CAPTURE(status);
    Framing framing = length(1);
    CHECK(frame_response(status, "", framing) == HeadFault::none);
    CHECK(framing == kNone);
  }
  for (const char* lines : {"", "Content-Length: 7\r\n", "Transfer-Encoding: chunked\r\n"}) {
    CAPTURE(lines);
    Framing framing = length(1);
    CHECK(frame_response(200, lines, framing, Method::head) == HeadFault::none);
    CHECK(framing == kNone);
  }
}

TEST_CASE("a 1xx, 204 or 304 has no body, and is odd where it announces one") {
  constexpr Framing kOdd{Framing::Kind::none, 0, true};
  for (const int status : {100, 103, 204, 304}) {
    for (const Method method : {Method::get, Method::head}) {
      CAPTURE(status);
      Framing framing = length(1);
      CHECK(frame_response(status, "Content-Length: 5\r\n", framing, method) == HeadFault::none);
      CHECK(framing == kOdd);
      framing = length(1);
      CHECK(frame_response(status, "Transfer-Encoding: chunked\r\n", framing, method) ==
            HeadFault::none);
      CHECK(framing == kOdd);
      CHECK(frame_response(status, "Content-Length: 0\r\n", framing, method) == HeadFault::none);
      CHECK(framing == kNone);
    }
  }
}

TEST_CASE("a 101 that announces a body is refused: the tunnel's bytes would be that body") {
  Framing framing = length(1);
  CHECK(frame_response(101, "Content-Length: 5\r\n", framing) == HeadFault::body_not_allowed);
  CHECK(frame_response(101, "Transfer-Encoding: chunked\r\n", framing) ==
        HeadFault::body_not_allowed);
  CHECK(framing == length(1));
  CHECK(frame_response(101, "Content-Length: 0\r\n", framing) == HeadFault::none);
  CHECK(framing == kNone);
}

TEST_CASE("HTTP/1.1 keeps its connection unless it says close, HTTP/1.0 only if it says so") {
  struct ConnectionCase {
    std::string lines;
    bool http_1_1, http_1_0;
  };
  for (const ConnectionCase& c : {
           ConnectionCase{"", true, false},
           ConnectionCase{"Connection: keep-alive\r\n", true, true},
           ConnectionCase{"Connection: Keep-Alive\r\n", true, true},
           ConnectionCase{"connection: upgrade\r\n", true, false},
           ConnectionCase{"Connection:\r\n", true, false},
           ConnectionCase{"Connection: close\r\n", false, false},
           ConnectionCase{"Connection: CLOSE\r\n", false, false},
           ConnectionCase{"Connection: te ,close\r\n", false, false},
           ConnectionCase{"Connection: keep-alive\r\nConnection: close\r\n", false, false},
           ConnectionCase{"Connection: close, keep-alive\r\n", false, false},
           ConnectionCase{"Connection: closed\r\n", true, false},
           ConnectionCase{"Proxy-Connection: keep-alive\r\n", true, false},
           ConnectionCase{"Keep-Alive: timeout=5\r\n", true, false},
       }) {
    CAPTURE(c.lines);
    FieldList fields;
    REQUIRE(parse_field_lines(c.lines, fields) == HeadFault::none);
    CHECK(keep_alive(1, fields) == c.http_1_1);
    CHECK(keep_alive(0, fields) == c.http_1_0);
  }
}
