#include "relay/head/request_id.h"

#include <doctest/doctest.h>

#include <set>
#include <string>

#include "http/head_parser.h"

using namespace bearer;
using relay::RequestId;
using relay::RequestIds;

namespace {

/// The id of a request with these field lines.
std::string chosen(RequestIds& ids, const std::string& lines) {
  http::FieldList fields;
  REQUIRE(http::parse_field_lines(lines, fields) == http::HeadFault::none);
  RequestId id;
  ids.choose(fields, id);
  return std::string(id.view());
}

}  // namespace

TEST_CASE("ids have 32 hexadecimal digits, and none comes twice") {
  RequestIds ids;
  RequestIds others;
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    for (RequestIds* maker : {&ids, &others}) {
      RequestId id;
      maker->make(id);
      CHECK(id.view().size() == 32);
      CHECK(id.view().find_first_not_of("0123456789abcdef") == std::string_view::npos);
      CHECK(seen.insert(std::string(id.view())).second);
    }
  }
}

TEST_CASE("a client's own id is taken if it is one, visible, and not too long") {
  RequestIds ids;
  const std::string longest(RequestId::kBytesMax, 'x');
  CHECK(chosen(ids, "X-Request-ID: my-id/7\r\n") == "my-id/7");
  CHECK(chosen(ids, "X-Request-Id: " + longest + "\r\n") == longest);
  for (const std::string& lines :
       {std::string(), std::string("X-Request-Id:\r\n"), std::string("X-Request-Id: two words\r\n"),
        "X-Request-Id: " + longest + "x\r\n", std::string("X-Request-Id: caf\xc3\xa9\r\n"),
        std::string("X-Request-Id: a\r\nX-Request-Id: b\r\n")}) {
    CAPTURE(lines);
    CHECK(chosen(ids, lines).size() == 32);
  }
}
