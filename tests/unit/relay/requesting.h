// Requests as read_request() makes them of a head, and the heads that go to the upstream.
#pragma once

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <string_view>

#include "relay/request.h"
#include "tests/unit/relay/relaying.h"

namespace bearer::relay::test::requesting {

inline const relay::RouteTable& table() {
  static const relay::RouteTable made({
      route("/", "https://api.example.com"),
      route("/crm/", "http://crm.example.com:8080/base/", true),
  });
  return made;
}

/// The request that those lines are; they must be admitted.
inline Request read(std::string_view lines) {
  const RequestLines head(lines);
  Request request;
  request.id.set("one");
  const std::optional<LocalReply> refusal = relay::test::read_request(head, {}, table(), request);
  REQUIRE_FALSE(refusal.has_value());
  return request;
}
/// The head that is sent for a GET with those field lines, after Host and before Via.
inline std::string sent(const std::string& lines) {
  const std::string head(read("GET / HTTP/1.1\nHost: localhost\n" + lines).head.view());
  const std::string before = "GET / HTTP/1.1\r\nHost: api.example.com\r\n";
  const std::string behind = "X-Request-Id: one\r\nVia: 1.1 bearer-proxy\r\n";
  REQUIRE(head.starts_with(before));
  REQUIRE(head.ends_with(behind));
  return head.substr(before.size(), head.size() - before.size() - behind.size());
}

}  // namespace bearer::relay::test::requesting
