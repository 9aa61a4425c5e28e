// Keeps connections to a route's upstream that wait for their next request.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include "base/count.h"
#include "net/dialer.h"
#include "net/loop.h"
#include "net/task.h"

namespace bearer::wire::h2 {
class ClientConnection;
}

namespace bearer::relay {

struct UpstreamConnection {
  std::unique_ptr<net::Stream> stream;
  net::SocketAddress address = {};
  bool reused = false;    ///< it has carried a request before
  base::Instant taken{};  ///< from its pool; only if it is reused
  /// The HTTP/2 connection that its stream belongs to, and which it keeps alive; else null.
  wire::h2::ClientConnection* shared = nullptr;
};

/// One for each loop and route: last in, first out. Closes connections after 30 s idle at the
/// latest, before servers do.
class UpstreamPool {
 public:
  /// `idle` counts the connections here; it outlives the pool.
  UpstreamPool(net::Loop& loop, net::Dialer& dialer, base::Count& idle);

  /// A kept-alive connection that is fit for a request, or nullopt. Fit means that its server has
  /// neither ended it nor sent something unasked, which would pass for the next request's response.
  /// The loop's events count for kHeardLately, because nobody can tell what crosses a request on
  /// its way. After that the loop asks the kernel about all connections in one call. With
  /// `careful`, for requests that cannot be sent again, the kernel is asked about this one, which
  /// adds a twelfth to the cost of a small request.
  std::optional<UpstreamConnection> take(bool careful);
  static constexpr std::chrono::microseconds kHeardLately{200};
  /// Keeps a connection whose last response was read to its end. `server_keeps` is the time for
  /// which the server has said that it waits for a next request. A request needs a while to get
  /// there, so the connection is closed a second earlier.
  void park(UpstreamConnection connection, base::Duration server_keeps = base::Duration::max());
  /// `lost` broke, or was silent. If it was reused, the connections that were already idle when it
  /// was taken are closed: whatever ended it silently (a failover, a reboot, an expired NAT entry)
  /// may have ended them too. A connection that came back since then has carried a response
  /// meanwhile, and stays.
  void evict_idle_peers(const UpstreamConnection& lost);

  std::size_t idle() const { return idle_.size(); }

 private:
  struct Parked {
    UpstreamConnection connection;
    base::Instant since, until;
    base::Counted counted;
  };

  net::Task<void> reap();

  net::Loop& loop_;
  net::Dialer& dialer_;
  base::Count& idle_count_;
  std::vector<Parked> idle_;                // the one that is idle longest comes first
  base::Instant next_look_ = base::kNever;  // by the reaper
  net::Sleeper sleeper_;
  net::Task<void> reaper_;
};

}  // namespace bearer::relay
