// A client's HTTP/2 connection: the session, and the requests that come on it.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include "wire/h2/server_stream.h"
#include "wire/h2/session.h"

namespace bearer::wire::h2 {

/// Used as Session is. The streams that next() returned may outlive it.
class Server {
 public:
  /// True if there is a place for one more, beside the given number that next() will return.
  using HasPlace = std::function<bool(std::size_t)>;

  /// A request without a place is refused, unread, so its client may send it again. The only
  /// request of a connection uses the connection's own place.
  Server(net::Stream& stream, net::Sleeper& sleeper, HasPlace has_place);

  Session& session() { return session_; }
  /// The next request whose head has come, in their order; null if there is none now.
  std::unique_ptr<ServerStream> next();
  /// True if a head has begun to come, and is not complete.
  bool reads_head() const { return waiting() > 0 && !begun_.back()->arrived(); }

 private:
  Channel* accept();
  std::size_t waiting() const { return begun_.size() - taken_; }

  const HasPlace has_place_;
  // Before session_, which refers to them. Those before taken_ were given away.
  std::vector<std::unique_ptr<ServerStream>> begun_;
  std::size_t taken_ = 0;
  Session session_;
};

}  // namespace bearer::wire::h2
