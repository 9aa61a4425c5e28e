#include "relay/head/relinking.h"

#include <doctest/doctest.h>

#include <string>

#include "tests/unit/relay/relaying.h"

using namespace bearer;
using namespace bearer::relay;
using namespace bearer::relay::test;

namespace {

RouteOptions wants(BodyLinks links) {
  RouteOptions options = route("/", "https://api.example.com");
  options.rewrite_body_links = links;
  return options;
}

}  // namespace

TEST_CASE("only what is whole and not compressed is relinked, and only where it is wanted") {
  struct Case {
    const char* head;
    bool relinked, with_all;
  };
  const RouteOptions wanting = wants(BodyLinks::json);
  const RouteOptions wanting_all = wants(BodyLinks::all);
  const RouteOptions other = wants(BodyLinks::off);
  for (const Case& c : {
           Case{"HTTP/1.1 200 OK\nContent-Type: application/json", true, false},
           Case{"HTTP/1.1 404 No\ncontent-type: Application/JSON ; charset=utf-8", true, false},
           Case{"HTTP/1.1 200 OK\nContent-Type: application/hal+json", true, false},
           Case{"HTTP/1.1 200 OK\nContent-Type: application/problem+JSON;x=y", true, false},
           Case{"HTTP/1.1 200 OK\nContent-Type: application/json\nContent-Encoding: identity", true,
                false},
           Case{"HTTP/1.1 206 Part\nContent-Type: application/json", false, false},
           Case{"HTTP/1.1 200 OK\nContent-Type: application/json\nContent-Encoding: gzip", false,
                false},
           Case{"HTTP/1.1 200 OK\nContent-Type: application/json\nContent-Type: text/plain", false,
                false},
           Case{"HTTP/1.1 200 OK\nContent-Type: application/jsonp", false, false},
           Case{"HTTP/1.1 200 OK\nContent-Type: application/x-ndjson", true, false},
           Case{"HTTP/1.1 200 OK\nContent-Type: multipart/mixed; boundary=b", true, false},
           Case{"HTTP/1.1 200 OK\nContent-Type: multipart/mixed", false, false},
           Case{"HTTP/1.1 200 OK\nContent-Type: application/atom+xml", false, true},
           Case{"HTTP/1.1 200 OK\nContent-Type: text/html; charset=utf-8", false, true},
           Case{"HTTP/1.1 206 Part\nContent-Type: text/html", false, false},
           Case{"HTTP/1.1 200 OK\nContent-Type: +json", false, false},
           Case{"HTTP/1.1 200 OK\nContent-Type: text/plain; a=application/json", false, false},
           Case{"HTTP/1.1 200 OK", false, false},
       }) {
    CAPTURE(c.head);
    const ResponseLines head(c.head);
    CHECK(relinked(wanting, head) == c.relinked);
    CHECK(relinked(wanting_all, head) == (c.relinked || c.with_all));
    CHECK_FALSE(relinked(other, head));
  }
}

TEST_CASE("the fields that speak of the bytes as they were are outdated") {
  const ResponseLines lines(
      "HTTP/1.1 200 OK\nContent-Length: 1\nContent-MD5: x\ndigest: x\nContent-Digest: x\n"
      "Repr-Digest: x\nAccept-Ranges: bytes\nETag: \"x\"\nContent-Type: application/json\n"
      "Last-Modified: x\nX-Digest: x");
  const http::ResponseHead& head = lines;
  std::string kept;
  for (const http::Field& field : head.fields) {
    if (!outdated_by_relinking(field)) kept += std::string(field.name) + " ";
  }
  CHECK(kept == "ETag Content-Type Last-Modified X-Digest ");
}

TEST_CASE("of requests JSON and batches are relinked, where it is wanted and not compressed") {
  const RouteOptions wanting = wants(BodyLinks::json);
  const RouteOptions other = wants(BodyLinks::off);
  const auto is = [](const RouteOptions& route, const std::string& lines) {
    const RequestLines lines_of("POST /$batch HTTP/1.1\nHost: a\n" + lines);
    const http::RequestHead& head = lines_of;
    return relinked(route, head.fields);
  };
  CHECK(is(wanting, "Content-Type: multipart/mixed;boundary=batch_1"));
  CHECK_FALSE(is(wanting, "Content-Type: multipart/mixed"));
  CHECK_FALSE(is(wanting, "Content-Type: multipart/form-data;boundary=b"));
  CHECK(is(wanting, "Content-Type: application/merge-patch+json; charset=utf-8"));
  CHECK(is(wants(BodyLinks::all), "Content-Type: application/json"));
  CHECK_FALSE(is(wants(BodyLinks::all), "Content-Type: application/soap+xml"));
  CHECK_FALSE(is(wanting, "Content-Type: application/json\nContent-Encoding: deflate"));
  CHECK_FALSE(is(wanting, "Content-Type: application/x-www-form-urlencoded"));
  CHECK_FALSE(is(wanting, "Content-Type: application/grpc+json"));
  CHECK_FALSE(is(other, "Content-Type: application/json"));
  CHECK_FALSE(is(wanting, "Content-Type: multipart/mixed;boundary=b\nContent-Encoding: gzip"));
  CHECK_FALSE(is(other, "Content-Type: multipart/mixed;boundary=batch_1"));
}
