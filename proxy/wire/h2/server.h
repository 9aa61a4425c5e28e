// A client's HTTP/2 connection: the session, and the requests that come on it.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include "base/clock.h"
#include "wire/h2/server_stream.h"
#include "wire/h2/session.h"

namespace bearer::wire::h2 {

/// Used as Session is. The streams that next() returned may outlive it.
class Server {
 public:
  /// The places that its requests share with others.
  struct Places {
    std::function<bool()> free;       ///< true if there is one
    std::function<void()> make_room;  ///< one is wanted; it may come free some time later
  };
  /// A request waits so long for a place. After that it is refused, unprocessed, so its client may
  /// send it again.
  static constexpr base::Duration kWaitMax = std::chrono::seconds(10);
  /// Room is asked for again after this time, because who is idle now may be let go later.
  static constexpr base::Duration kAskAgain = std::chrono::seconds(1);
  /// The most requests that wait for a place, of all servers that share `waiting`. Further ones are
  /// refused at once, if no place is free.
  static constexpr std::size_t kWaitingMax = 1000;

  /// A connection always serves one request, in the connection's own place. `waiting` outlives it.
  Server(net::Stream& stream, net::Sleeper& sleeper, Places places, std::size_t& waiting);
  ~Server() { all_waiting_ -= waiting(); }

  Session& session() { return session_; }
  /// The next request whose head has come and for which there is a place, in their order; null if
  /// there is none now.
  std::unique_ptr<ServerStream> next();
  /// True if a head has begun to come, and is not complete.
  bool reads_head() const { return waiting() > 0 && !begun_.back().stream->arrived(); }
  /// True if a request waits for a place.
  bool wants_place() const { return waiting() > 0 && begun_[taken_].stream->arrived(); }
  /// When to call next() even if nothing has happened; mostly kNever.
  base::Instant next_at();

 private:
  struct Begun {
    std::unique_ptr<ServerStream> stream;
    base::Instant at;
  };

  Channel* accept();
  bool has_place() const;
  base::Instant refused_at() const { return base::after(begun_[taken_].at, kWaitMax); }
  base::Instant now() { return session_.sleeper().loop().now(); }
  std::unique_ptr<ServerStream> take();
  std::size_t waiting() const { return begun_.size() - taken_; }

  const Places places_;
  std::size_t& all_waiting_;
  // Before session_, which refers to them. Those before taken_ were given away.
  std::vector<Begun> begun_;
  std::size_t taken_ = 0;
  Session session_;
};

}  // namespace bearer::wire::h2
