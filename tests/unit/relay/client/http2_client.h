// A client that speaks HTTP/2 frame by frame to a whole proxy over scripted streams.
#pragma once

#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/h2_frames.h"
#include "tests/support/observations.h"
#include "tests/support/raw_message.h"
#include "tests/support/relay_world.h"

namespace bearer::test::http2 {

using test::answer;
using test::RawMessage;
using test::Wire;
namespace h2 = test::h2;

inline constexpr std::uint32_t kProtocolError = 1, kInternalError = 2, kRefusedStream = 7,
                               kEnhanceYourCalm = 11;

/// Remembers why connections were ended, and how often there was no place.
class Complaints final : public Observations {
 public:
  void http2_failed(std::string_view why, base::Instant) override { failed.emplace_back(why); }
  void no_place(std::size_t, base::Instant) override { ++crowded; }
  std::vector<std::string> failed;
  int crowded = 0;
};

struct Http2Client {
  Http2Client() { say(h2::hello()); }

  void say(std::string_view bytes) {
    client.give(bytes);
    settle();
  }
  /// A stream's coroutine wakes its connection's, and the other way round.
  void settle() {
    world.settle();
    world.settle();
    reader.feed(client.stream.take_written());
  }
  void advance(base::Duration duration) {
    world.clock.advance(duration);
    settle();
  }
  /// Returns what the n-th (from 0) connection to the upstream got since it was last looked at.
  RawMessage asked(std::size_t nth) {
    std::string bytes = world.at_upstream.wires.at(nth)->stream.take_written();
    const std::optional<RawMessage> message = take_message(bytes);
    REQUIRE(message.has_value());
    CHECK(bytes.empty());
    return *message;
  }
  void respond(std::size_t nth, std::string_view response) {
    world.at_upstream.wires.at(nth)->give(response);
    settle();
  }
  std::size_t dialed() const { return world.at_upstream.wires.size(); }
  const H2Reader::Stream& stream(std::uint32_t id) { return reader.stream(id); }

  Complaints seen;
  RelayWorld world{seen};
  Wire& client = world.connect();
  H2Reader reader;
};

}  // namespace bearer::test::http2
