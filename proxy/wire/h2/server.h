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

  /// Whether there is a place for one more, beside so many that will be said to have arrived.
  using HasPlace = std::function<bool(std::size_t)>;

  /// A request that has no place is refused, unread: its client may send it again.
  Server(net::Stream& stream, net::Sleeper& sleeper, HasPlace has_place);

  Session& session() { return session_; }
  /// Those whose heads have come since the last call, in their order.
  Streams arrived();

 private:
  Channel* accept();

  const HasPlace has_place_;
  Streams begun_;  // before session_, which knows them
  Session session_;
};

}  // namespace bearer::wire::h2
