// Opens streams of HTTP/2 connections to a route's upstream, which its requests share.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "net/dialer.h"
#include "net/loop.h"
#include "net/task.h"
#include "net/wait.h"
#include "net/wait_list.h"
#include "relay/options.h"
#include "relay/upstream/pool.h"

namespace bearer::relay {

/// One for each loop and route. A connection takes as many streams as its server allows; once all
/// are taken, another one is dialed. A connection without a stream is closed after a while, as in
/// UpstreamPool.
class UpstreamStreams {
 public:
  /// The arguments outlive it. A connection that chose HTTP/1.1 goes to `pool`.
  UpstreamStreams(net::Loop& loop, net::Dialer& dialer, UpstreamPool& pool,
                  const RouteOptions& options);
  UpstreamStreams(const UpstreamStreams&) = delete;
  UpstreamStreams& operator=(const UpstreamStreams&) = delete;
  ~UpstreamStreams();

  /// The request that a stream is for. `path` is valid while the request asks.
  struct Asked {
    std::string_view path;
    bool websocket = false;
  };

  /// A stream for one request, as soon as there is a place for it. nullopt if the upstream does not
  /// offer HTTP/2 and need not, or not for this path, or has no place for a `websocket` (RFC 8441).
  /// Errc: those of net::Dialer::dial(); response_malformed if it has to speak HTTP/2 and does not.
  net::Task<base::Result<std::optional<UpstreamConnection>>> take(net::Wait wait, Asked asked);

  /// The same if there is a place now; else nullopt.
  std::optional<UpstreamConnection> open(Asked asked);

  /// The server takes this path over HTTP/1.1 alone (HTTP_1_1_REQUIRED). For a while it gets no
  /// stream, unless HTTP/2 is required.
  void avoid(std::string_view path);

  std::size_t connections() const { return connections_.size(); }

 private:
  using Connection = std::shared_ptr<wire::h2::ClientConnection>;
  struct Avoided {
    std::string path;
    base::Instant until;
  };
  struct Shared {
    Connection connection;
    net::SocketAddress address;
  };
  /// A dial in progress, for the requests that wait for it.
  struct Dialing {
    bool over = false;
    std::optional<base::Error> fault = {};
  };

  /// True if the servers of its connections have said so.
  bool takes_no_websockets() const;
  bool avoids(std::string_view path) const;
  /// True if the newest connection has no place, though nobody holds one.
  bool allows_nothing() const;
  std::shared_ptr<const Dialing> dial_another();
  net::Task<void> dial(std::shared_ptr<Dialing> dialing);
  net::Task<base::Result<void>> connect(net::Wait wait);
  net::Task<void> reap();

  net::Loop& loop_;
  net::Dialer& dialer_;
  UpstreamPool& pool_;
  const RouteOptions& options_;
  std::vector<Shared> connections_;
  std::vector<Avoided> avoided_;  // the latest last
  net::WaitList waiting_;
  base::Instant plain_until_{};  // until then the server counts as one that speaks only HTTP/1.1
  net::Sleeper sleeper_, dial_sleeper_;
  std::shared_ptr<const Dialing> dialing_;  // the last one
  net::Task<void> dial_;
  net::Task<void> reaper_;
};

}  // namespace bearer::relay
