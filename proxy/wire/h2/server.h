// A client's HTTP/2 connection: the session, and the requests that come on it.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "wire/h2/server_stream.h"
#include "wire/h2/session.h"

namespace bearer::wire::h2 {

/// Used as Session is. The streams that it has given away may outlive it.
class Server {
 public:
  using Streams = std::vector<std::unique_ptr<ServerStream>>;

  /// A request that `has_room` has no place for is refused, unread: its client may send it again.
  Server(net::Stream& stream, net::Sleeper& sleeper, std::function<bool()> has_room);

  Session& session() { return session_; }
  /// Those whose heads have come since the last call, in their order.
  Streams arrived();

 private:
  Channel* accept();

  const std::function<bool()> has_room_;
  Streams begun_;  // before session_, which knows them
  Session session_;
};

}  // namespace bearer::wire::h2
