#include "http/hop_by_hop.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "http/head_parser.h"

using namespace bearer::http;

namespace {

/// The names of the fields that are forwarded.
std::vector<std::string> forwarded_of(const std::string& lines) {
  FieldList fields;
  REQUIRE(parse_field_lines(lines, fields) == HeadFault::none);
  ConnectionOptions options;
  REQUIRE(options.read(fields) == HeadFault::none);
  std::vector<std::string> names;
  for (const Field& field : fields) {
    if (forwarded(field, options)) names.emplace_back(field.name);
  }
  return names;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("hop-by-hop fields end at the proxy, whatever their case") {
  for (const char* name : {"Connection", "Keep-Alive", "Proxy-Connection", "Proxy-Authorization",
                           "Proxy-Authenticate", "Proxy-Authentication-Info", "TE", "Trailer",
                           "Transfer-Encoding", "Upgrade", "tE", "TRANSFER-ENCODING"}) {
    CAPTURE(name);
    CHECK(forwarded_of("A: b\r\n" + std::string(name) + ": x\r\nC: d\r\n") == Names{"A", "C"});
  }
}

TEST_CASE("end-to-end fields go on in their order and spelling") {
  const Names names{"hOsT", "Content-Length", "Proxy-Status", "Via", "X-Te", "Cookie", "Cookie"};
  std::string lines;
  for (const std::string& name : names) lines += name + ": 1\r\n";
  CHECK(forwarded_of(lines) == names);
}

TEST_CASE("what any Connection field names is removed, in any case") {
  CHECK(forwarded_of("Connection: keep-alive, X-Hop\r\nx-hop: 1\r\nA: b\r\nX-HOP: 2\r\n"
                     "X-Last: 3\r\nX-Last-One: 4\r\nconnection: ,x-last\r\n") ==
        Names{"A", "X-Last-One"});
  CHECK(forwarded_of("Connection: authorization, close\r\nAuthorization: Bearer x\r\nA: b\r\n") ==
        Names{"A"});
}

TEST_CASE("Content-Length and Host cannot be named away") {
  CHECK(forwarded_of("Connection: content-length, HOST, A\r\nContent-Length: 5\r\nHost: a\r\n"
                     "A: b\r\n") == Names{"Content-Length", "Host"});
}

TEST_CASE("a head may name 16 fields in Connection and no more") {
  std::string list = "close";
  for (std::size_t i = 1; i < kConnectionOptionsMax; ++i) list += ", x" + std::to_string(i);
  // Those that are removed anyway are not counted.
  list += ", keep-alive, te, upgrade, host, content-length";
  FieldList fields;
  ConnectionOptions options;
  const std::string full = "Connection: " + list + "\r\n";
  REQUIRE(parse_field_lines(full, fields) == HeadFault::none);
  CHECK(options.read(fields) == HeadFault::none);
  CHECK(options.names({"X15", "", FieldName::other}));
  const std::string over = full + "Connection: one-more\r\n";
  REQUIRE(parse_field_lines(over, fields) == HeadFault::none);
  CHECK(options.read(fields) == HeadFault::options_too_many);
}

TEST_CASE("options are those of the head that was read last") {
  FieldList fields;
  ConnectionOptions options;
  REQUIRE(parse_field_lines("Connection: a\r\n", fields) == HeadFault::none);
  REQUIRE(options.read(fields) == HeadFault::none);
  CHECK(options.names({"A", "", FieldName::other}));
  REQUIRE(parse_field_lines("B: a\r\n", fields) == HeadFault::none);
  REQUIRE(options.read(fields) == HeadFault::none);
  CHECK_FALSE(options.names({"A", "", FieldName::other}));
}

TEST_CASE("a trailer that frames, routes or authenticates does not go on") {
  for (const char* name : {"Content-Length", "Transfer-Encoding", "Host", "Authorization",
                           "Content-Type", "Connection", "Trailer", "Location", "Expect"}) {
    CAPTURE(name);
    CHECK_FALSE(forwarded_in_trailers({name, "", field_name(name)}));
  }
  for (const char* name : {"Server-Timing", "Digest", "grpc-status", "Date"}) {
    CAPTURE(name);
    CHECK(forwarded_in_trailers({name, "", field_name(name)}));
  }
}

TEST_CASE("what belongs to one message is told from what may stand in all of them") {
  for (const char* name :
       {"host", "Content-Length", "content_length", "TE", "Via", "Range", "If-None-Match",
        "X-HTTP-Method", "Idempotency-Key", "x-request-id", "DPoP"}) {
    CAPTURE(name);
    CHECK(bound_to_message(name));
  }
  for (const char* name : {"Authorization", "X-Api-Key", "Accept", "Cookie", "User-Agent",
                           "Content-Type", "X-Forwarded-For", "Prefer"}) {
    CAPTURE(name);
    CHECK_FALSE(bound_to_message(name));
  }
}

TEST_CASE("of TE only `trailers` means something") {
  FieldList fields;
  REQUIRE(parse_field_lines("TE: gzip;q=0.5, Trailers\r\n", fields) == HeadFault::none);
  CHECK(wants_trailers(fields));
  REQUIRE(parse_field_lines("TE: gzip\r\nTrailer: trailers\r\n", fields) == HeadFault::none);
  CHECK_FALSE(wants_trailers(fields));
}
