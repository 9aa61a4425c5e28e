// One client's connection, or a stream of one that carries many, and the coroutine that serves it.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <utility>

#include "base/clock.h"
#include "base/count.h"
#include "net/buffer.h"
#include "net/outbox.h"
#include "net/peer.h"
#include "net/stream.h"
#include "relay/loop_context.h"
#include "wire/sessions.h"

namespace bearer::relay {

/// Owned by the Sessions of its loop. While it is idle it holds no buffer.
struct Downstream {
  enum class Kind : std::uint8_t {
    connection,
    http2_stream,  ///< its `stream` speaks HTTP/1.1 to us, its client speaks HTTP/2
  };

  Downstream(LoopContext& its_context, std::unique_ptr<net::Stream> its_stream,
             const net::Peer& its_peer, int its_fd, Kind its_kind)
      : context(its_context),
        peer(its_peer),
        fd(its_fd),
        kind(its_kind),
        sleeper(context.loop),
        stream(std::move(its_stream)) {
    stream->set_waiter(&sleeper);
    count().add();
  }
  Downstream(const Downstream&) = delete;
  Downstream& operator=(const Downstream&) = delete;
  ~Downstream() { count().take(); }

  /// The count of clients, or of their streams.
  base::Count& count() const {
    return kind == Kind::http2_stream ? context.counters.streams : context.counters.clients;
  }

  /// Since when it counts as idle if its last request ended at `end`, or if it came then.
  base::Instant idle_from(base::Instant end) const {
    return fresh ? base::after(end, std::chrono::seconds(1)) : end;
  }
  /// True if it is idle, and another client needs its place.
  bool should_leave() const {
    return idle_since <= context.now() && (leaves || *context.place_wanted);
  }

  LoopContext& context;
  net::Peer peer;
  const int fd;  ///< the connection's descriptor; -1 if it has none
  const Kind kind;
  bool leaves = false;  ///< goes if it is idle: another one needs its place
  bool fresh = true;    ///< no request has come on it
  net::Sleeper sleeper;
  std::unique_ptr<net::Stream> stream;
  net::Buffer in;   ///< bytes that were read and belong to no message yet
  net::Outbox out;  ///< bytes that the client has not taken yet
  /// While no byte of a request has come, else kNever. It is a little later on a fresh connection,
  /// whose client is about to ask and will not ask again elsewhere, and on one that lingers.
  base::Instant idle_since = base::kNever;
  wire::SessionTask<Downstream> session;  ///< last: it refers to all of the above
};

}  // namespace bearer::relay
