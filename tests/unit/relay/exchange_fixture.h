// Whole exchanges over scripted streams, from the first byte of a request on.
#pragma once

#include <doctest/doctest.h>

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "tests/support/observations.h"
#include "tests/support/raw_message.h"
#include "tests/support/relay_world.h"

namespace bearer::test::exchanging {

using test::answer;
using test::get;
using test::post;
using test::RawMessage;
using test::Wire;

/// Returns what was written to the peer of a connection since it was last looked at. REQUIRES: one
/// message, and nothing else.
inline RawMessage take(Wire& wire) {
  std::string bytes = wire.stream.take_written();
  const std::optional<RawMessage> message = test::take_message(bytes);
  REQUIRE(message.has_value());
  CHECK(bytes.empty());
  return *message;
}

inline bool nothing_at(const Wire& wire) {
  return wire.stream.written().empty();
}

struct Fixture {
  /// A client whose request has gone as far as it can.
  Wire& ask(std::string_view request) {
    Wire& client = world.connect();
    client.give(request);
    world.settle();
    return client;
  }
  /// The upstream says that, on the connection made last.
  void respond(std::string_view response) {
    world.upstream().give(response);
    world.settle();
  }
  void use(const std::function<void(relay::RouteOptions&)>& adjust) {
    relay::RouteOptions route;
    adjust(route);
    world.use(route);
  }
  bool upstream_was_dialed(std::size_t times) const {
    return world.at_upstream.wires.size() == times;
  }

  test::Observations seen;
  test::RelayWorld world{seen};
};

inline const std::string kWait = "Retry-After: 3\r\n";

}  // namespace bearer::test::exchanging
