// A transfer between two scripted streams.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "http/framing.h"
#include "net/buffer.h"
#include "net/outbox.h"
#include "net/pipe.h"
#include "relay/body/body_source.h"
#include "relay/body/replay_budget.h"
#include "relay/body/transfer.h"
#include "relay/options.h"
#include "tests/support/scripted_stream.h"

namespace bearer::test::transferring {

using http::Framing;
using relay::BodySource;
using relay::Transfer;
using relay::TransferState;
using test::ScriptedStream;
using Kind = http::Framing::Kind;

inline constexpr std::size_t kWindow = 64u << 10;
inline constexpr std::size_t kScratch = 1u << 20;

enum class Later : bool { no, yes };  ///< see Transfer::Ends::framing_later

/// A body of one framing that goes into a message of another.
class Direction {
 public:
  Direction(Framing framing, Kind as, Later later)
      : Direction(framing, as, false, nullptr, later) {}
  explicit Direction(Framing framing, Kind as, bool trailers = false,
                     const relay::ReplayBudget* budget = nullptr, Later later = Later::no,
                     const relay::RouteOptions* route = nullptr)
      : source_(framing),
        transfer({.body = source_,
                  .from = from,
                  .rest = rest,
                  .to = to,
                  .outbox = outbox,
                  .framing = as,
                  .framing_later = later == Later::yes,
                  .trailers = trailers,
                  .route = route,
                  .scratch = scratch_,
                  .pipes = &pipes,
                  .budget = budget}) {}

  /// Returns how much of what was read waits for the receiver.
  std::size_t held(std::size_t given) const { return given - to.written().size(); }

  /// Both ends are sockets from now on.
  void splice() {
    from.splice();
    to.splice();
  }
  /// Moves for as long as there is more.
  TransferState move_all() {
    TransferState moved = transfer.move();
    while (moved == TransferState::again) moved = transfer.move();
    return moved;
  }

  net::PipePool pipes;
  ScriptedStream from, to;
  net::Buffer rest;
  net::Outbox outbox;

 private:
  BodySource source_;
  std::vector<char> scratch_ = std::vector<char>(kScratch);

 public:
  Transfer transfer;
};

constexpr Framing sized(std::uint64_t length) {
  return {Kind::length, length};
}
inline constexpr Framing kChunked{Kind::chunked, 0};
inline constexpr Framing kUntilClose{Kind::until_close, 0};

}  // namespace bearer::test::transferring
