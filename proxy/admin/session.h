// One connection to the admin port, and the coroutine that serves it.
#pragma once

#include <memory>
#include <utility>

#include "admin/endpoints.h"
#include "base/clock.h"
#include "net/buffer.h"
#include "net/loop.h"
#include "net/peer.h"
#include "net/stream.h"
#include "wire/sessions.h"

namespace bearer::admin {

/// Owned by the server. Slow clients are disconnected, so that nobody holds a place for long.
struct Session {
  /// `its_fd` is the descriptor of the stream, which keeps owning it.
  Session(net::Loop& loop, std::unique_ptr<net::Stream> its_stream, bool is_from_this_machine,
          const net::Peer& its_peer, int its_fd)
      : sleeper(loop),
        stream(std::move(its_stream)),
        peer(its_peer),
        fd(its_fd),
        from_this_machine(is_from_this_machine),
        heard(loop.now()) {
    stream->set_waiter(&sleeper);
  }

  net::Sleeper sleeper;
  std::unique_ptr<net::Stream> stream;
  net::Peer peer;
  const int fd;
  const bool from_this_machine;  ///< over a unix socket or loopback
  base::Instant heard;           ///< when it connected, or its last whole request came
  net::Buffer in;
  wire::SessionTask<Session> session;  ///< last: it refers to all of the above
};

/// Answers request after request, until either side ends the connection.
wire::SessionTask<Session> serve(Session& session, Endpoints& endpoints);

}  // namespace bearer::admin
