// Two connections joined after a 101: bytes pass both ways as they come (RFC 9110 section 7.8).
#pragma once

#include <cstdint>
#include <span>

#include "net/buffer.h"
#include "net/outbox.h"
#include "net/pipe.h"
#include "net/stream.h"
#include "relay/body/body_source.h"
#include "relay/body/close_sight.h"
#include "relay/body/transfer.h"

namespace bearer::relay {

/// Owns nothing. Each direction ends on its own: the end of one side's bytes is passed on. A Tunnel
/// that is destroyed before it is over, or closed(), makes both connections break when they are
/// closed, so that neither side takes the message for whole.
class Tunnel {
 public:
  struct End {
    net::Stream& stream;
    net::Buffer& rest;    ///< bytes from it that were read before
    net::Outbox& outbox;  ///< bytes for it that it has not taken
  };
  enum class Protocol : std::uint8_t { websocket, other };

  /// `pipes` are the loop's.
  Tunnel(const End& client, const End& upstream, Protocol protocol, std::span<char> scratch,
         net::PipePool& pipes);
  Tunnel(const Tunnel&) = delete;
  Tunnel& operator=(const Tunnel&) = delete;
  ~Tunnel();

  enum class Status {
    open,    ///< all that can be moved now was; wait for either side
    again,   ///< there is more, but others have their turn first
    over,    ///< both sides have ended, and both know it
    broken,  ///< a connection broke; close both
  };
  /// Moves what can be moved now. REQUIRES: it was `open` or `again` before.
  Status move();

  /// After `broken`: true if it was the upstream's connection, false if the client's.
  bool upstream_broke() const {
    return (up_.broken && up_.receiver_broke) || (down_.broken && !down_.receiver_broke);
  }

  /// True if both sides have said by their protocol that they have ended, and both know it: a Close
  /// of WebSocket has gone either way. What becomes of their connections then is no cut.
  bool closed() const { return up_.closed() && down_.closed(); }

  /// True if it is closed(), the bytes of a side have come to their end, or the client has left.
  /// Then the client loses nothing that it still waits for, whatever the upstream's connection
  /// does.
  bool winds_up() const {
    const bool client_left =
        (up_.broken && !up_.receiver_broke) || (down_.broken && down_.receiver_broke);
    return closed() || up_.transfer.ended() || down_.transfer.ended() || client_left;
  }

  std::uint64_t bytes_up() const { return up_.transfer.bytes(); }
  std::uint64_t bytes_down() const { return down_.transfer.bytes(); }

 private:
  struct Direction {
    Direction(const End& from, const End& to, Protocol protocol, std::span<char> scratch,
              net::PipePool& pipes);
    Status move();
    bool closed() const { return frames.closed() && outbox.empty(); }

    net::Stream& receiver;
    const net::Outbox& outbox;  ///< the receiver's
    BodySource bytes;
    CloseSight frames;  ///< of the bytes, if they are a WebSocket's
    Transfer transfer;
    bool shut = false;  ///< the receiver was told the end, which may have to wait in its stream
    bool over = false;
    bool broken = false;
    bool receiver_broke = false;  ///< which of the two ends broke, if `broken`
  };

  Direction up_, down_;
};

}  // namespace bearer::relay
