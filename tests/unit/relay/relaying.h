// Heads and routes for tests of relay/, written as they are read.
#pragma once

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <string_view>

#include "http/head_parser.h"
#include "relay/request.h"
#include "tests/support/route.h"

namespace bearer::relay::test {

/// A head with the bytes that it points into. Lines end with LF, the blank line is added.
template <typename Head, http::HeadFault (*parse)(std::string_view, Head&)>
class Parsed {
 public:
  explicit Parsed(std::string_view lines) {
    for (const char c : lines) {
      if (c == '\n') bytes_ += '\r';
      bytes_ += c;
    }
    bytes_ += "\r\n\r\n";
    REQUIRE(parse(bytes_, head_) == http::HeadFault::none);
  }
  operator const Head&() const { return head_; }

 private:
  std::string bytes_;
  Head head_;
};
using RequestLines = Parsed<http::RequestHead, http::parse_request_head>;
using ResponseLines = Parsed<http::ResponseHead, http::parse_response_head>;

using bearer::test::route;

/// As relay::read_request(), for a request that came in at no address of this machine.
inline std::optional<LocalReply> read_request(const http::RequestHead& head,
                                              const AdmissionRules& rules, const RouteTable& routes,
                                              Request& request) {
  return relay::read_request(head, rules, routes, request, {}, {});
}

}  // namespace bearer::relay::test
