#include "relay/body/resume_point.h"

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <string_view>

#include "tests/unit/relay/relaying.h"

using namespace bearer;
using http::Framing;
using relay::ResumePoint;
using relay::test::ResponseLines;

namespace {

constexpr const char* kWhole = "HTTP/1.1 200 OK\nContent-Length: 1000\nETag: \"v1\"";
constexpr const char* kPart =
    "HTTP/1.1 206 Partial Content\nContent-Length: 900\nContent-Range: bytes 100-999/2000\n"
    "ETag: \"v1\"";

Framing framing_of(const http::ResponseHead& head) {
  Framing framing;
  REQUIRE(http::response_framing(head, http::Method::get, framing) == http::HeadFault::none);
  return framing;
}
std::optional<ResumePoint> point(std::string_view lines, http::Method method = http::Method::get) {
  const ResponseLines head(lines);
  return ResumePoint::of(method, head, framing_of(head));
}
bool continues(const ResumePoint& point, std::string_view lines) {
  const ResponseLines head(lines);
  return point.continued_by(head, framing_of(head));
}

}  // namespace

TEST_CASE("a download of known length with a strong ETag can be continued") {
  REQUIRE(point(kWhole));
  CHECK(point(kWhole)->remaining() == 1000);
  REQUIRE(point(kPart));
  CHECK(point(kPart)->remaining() == 900);
  CHECK(point(std::string(kWhole) + "\nContent-Encoding: identity"));
  CHECK(point("HTTP/1.1 206 P\nContent-Length: 5\nContent-Range: bytes 0-4/*\nETag: \"\""));
}

TEST_CASE("a download of which a byte could be another later cannot be continued") {
  const std::string length = "HTTP/1.1 200 OK\nContent-Length: 1000\n";
  for (const std::string& lines : {
           std::string("HTTP/1.1 200 OK\nContent-Length: 1000"),  // no validator
           length + "ETag: W/\"v1\"",                             // a weak one
           length + "ETag: v1",                                   // a malformed one
           length + "ETag: \"a\"b\"",                             //
           length + "ETag: \"v1\"\nETag: \"v2\"",                 // two
           length + "Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT",
           length + "ETag: \"v1\"\nContent-Encoding: gzip",  // a coding
           std::string("HTTP/1.1 200 OK\nETag: \"v1\""),     // no length
           std::string("HTTP/1.1 200 OK\nETag: \"v1\"\nTransfer-Encoding: chunked"),
           std::string("HTTP/1.1 200 OK\nETag: \"v1\"\nContent-Length: 0"),
           std::string("HTTP/1.1 404 No\nETag: \"v1\"\nContent-Length: 9"),
           std::string("HTTP/1.1 206 P\nETag: \"v1\"\nContent-Length: 9"),  // no range
           std::string("HTTP/1.1 206 P\nETag: \"v1\"\nContent-Length: 9\n"
                       "Content-Type: multipart/byteranges; boundary=x"),
       }) {
    CAPTURE(lines);
    CHECK_FALSE(point(lines));
  }
  for (const http::Method method : {http::Method::head, http::Method::post, http::Method::other}) {
    const ResponseLines head(kWhole);
    CHECK_FALSE(ResumePoint::of(method, head, {Framing::Kind::length, 1000}));
  }
}

TEST_CASE("a Content-Range that contradicts itself or its length is none") {
  for (const char* range :
       {"bytes 5-4/10", "bytes 0-9/10", "bytes 0-4/5x", "bytes 0-4/4", "bytes 0-4", "bytes -4/10",
        "bytes 0-/10", "bytes */10", "items 0-4/10", "bytes=0-4/10", "bytes +0-4/10", "bytes 0-4/",
        "bytes 0/4-10", "bytes 18446744073709551615-18446744073709551619/*",
        "bytes 9223372036854775803-9223372036854775807/*"}) {
    CAPTURE(range);
    CHECK_FALSE(point("HTTP/1.1 206 P\nETag: \"v1\"\nContent-Length: 5\nContent-Range: " +
                      std::string(range)));
  }
}

TEST_CASE("the rest is asked for from the first byte that is missing, and only as it was") {
  const std::string head =
      "GET /big?x=1 HTTP/1.1\r\nHost: api.example.com\r\nAccept: */*\r\nrange: bytes=0-9\r\n"
      "If-None-Match: \"old\"\r\nIF-RANGE: \"v0\"\r\nIf-Modified-Since: x\r\nVia: 1.1 "
      "bearer-proxy\r\n";
  ResumePoint whole = point(kWhole).value();
  whole.advance(400);
  CHECK(whole.remaining() == 600);
  CHECK(whole.request_head(head) ==
        "GET /big?x=1 HTTP/1.1\r\nHost: api.example.com\r\nAccept: */*\r\nVia: 1.1 bearer-proxy\r\n"
        "Range: bytes=400-999\r\nIf-Range: \"v1\"\r\n");
  ResumePoint part = point(kPart).value();
  part.advance(1);
  CHECK(part.request_head("GET / HTTP/1.1\r\n") ==
        "GET / HTTP/1.1\r\nRange: bytes=101-999\r\nIf-Range: \"v1\"\r\n");
}

TEST_CASE("only the rest, and nothing but the rest, continues a download") {
  ResumePoint whole = point(kWhole).value();
  whole.advance(400);
  const std::string rest =
      "HTTP/1.1 206 P\nContent-Length: 600\nContent-Range: bytes 400-999/1000\nETag: \"v1\"";
  CHECK(continues(whole, rest));
  CHECK(continues(whole,
                  "HTTP/1.1 206 P\nContent-Length: 600\n"
                  "Content-Range: BYTES 400-999/*\nETag: \"v1\""));
  for (const char* lines : {
           "HTTP/1.1 200 OK\nContent-Length: 1000\nETag: \"v1\"",  // all of it again
           "HTTP/1.1 206 P\nContent-Length: 601\nContent-Range: bytes 399-999/1000\nETag: \"v1\"",
           "HTTP/1.1 206 P\nContent-Length: 599\nContent-Range: bytes 401-999/1000\nETag: \"v1\"",
           "HTTP/1.1 206 P\nContent-Length: 100\nContent-Range: bytes 400-499/1000\nETag: \"v1\"",
           "HTTP/1.1 206 P\nContent-Length: 700\nContent-Range: bytes 400-1099/1100\nETag: \"v1\"",
           "HTTP/1.1 206 P\nContent-Length: 600\nContent-Range: bytes 400-999/1001\nETag: \"v1\"",
           "HTTP/1.1 206 P\nContent-Length: 600\nContent-Range: bytes 400-999/1000\nETag: \"v2\"",
           "HTTP/1.1 206 P\nContent-Length: 600\nContent-Range: bytes 400-999/1000\nETag: W/\"v1\"",
           "HTTP/1.1 206 P\nContent-Length: 600\nContent-Range: bytes 400-999/1000",
           "HTTP/1.1 206 P\nTransfer-Encoding: chunked\nContent-Range: bytes 400-999/1000\n"
           "ETag: \"v1\"",
           "HTTP/1.1 206 P\nContent-Length: 600\nContent-Range: bytes 400-999/1000\nETag: \"v1\"\n"
           "Content-Encoding: br",
           "HTTP/1.1 206 P\nContent-Length: 600\nContent-Range: bytes 400-999/1000\n"
           "Content-Range: bytes 0-599/1000\nETag: \"v1\"",
           "HTTP/1.1 206 P\nContent-Length: 600\nETag: \"v1\"\n"
           "Content-Type: multipart/byteranges; boundary=x",
           "HTTP/1.1 416 Range Not Satisfiable\nContent-Length: 0\nContent-Range: bytes */1000",
       }) {
    CAPTURE(lines);
    CHECK_FALSE(continues(whole, lines));
  }
}
