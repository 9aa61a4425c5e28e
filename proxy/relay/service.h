// The data plane as a whole: its listening sockets and its loops, each on a thread.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "net/listener.h"
#include "net/resolver.h"
#include "relay/body/replay_budget.h"
#include "relay/options.h"
#include "relay/sessions.h"
#include "relay/snapshot.h"
#include "relay/telemetry/counter_registry.h"
#include "relay/telemetry/observer.h"
#include "relay/telemetry/request_list.h"
#include "relay/telemetry/trace_queue.h"

namespace bearer::relay {

/// What is wrong with the certificates that the route's settings name, whether its upstream speaks
/// TLS or not. Errc as Service::make()'s.
base::Result<void> check_certificates(const RouteOptions& route);

/// Used by one thread. What Parts refers to outlives it.
class Service {
 public:
  /// How a connection to a route's upstream is made; a test puts a failing one here.
  using MakeDialer = std::function<base::Result<std::unique_ptr<net::Dialer>>(
      const RouteOptions& route, net::Loop& loop)>;

  struct Parts {
    const base::Clock& clock;
    Observer& observer;
    std::vector<net::Listener> listeners;
    TraceQueue* traces = nullptr;  ///< where spans go; null: none are told
  };
  /// Errc::file_unreadable where a CA file cannot be loaded, client_certificate_unusable where ours
  /// cannot.
  static base::Result<std::unique_ptr<Service>> make(const ServiceOptions& options,
                                                     std::vector<RouteOptions> routes,
                                                     TokenSources credentials, Parts parts,
                                                     MakeDialer make_dialer = {});
  /// Cuts what is under way.
  ~Service();

  /// Serves from now on.
  void start();

  /// Another configuration for requests from now on; those under way end by the one before. Of
  /// `options` only what a Snapshot holds is read. Where it fails, as make() does, nothing has
  /// changed.
  base::Result<void> reload(const ServiceOptions& options, std::vector<RouteOptions> routes,
                            TokenSources credentials);

  /// Calls `then` once, on a loop's thread, when every loop has turned. Any thread, after start().
  void beat(const std::function<void()>& then);

  /// Calls `then` once, on a loop's thread, with the requests of all loops: those under way, the
  /// oldest first, and those that ended, the latest first. Any thread, after start().
  void requests(const RequestFilter& filter, std::function<void(std::vector<RequestRecord>)> then);

  /// In force. Any thread.
  std::shared_ptr<const Snapshot> snapshot() const;

  /// What was counted by all loops; see CounterRegistry. Any thread.
  Totals totals() const { return registry_.totals(); }

  enum class Drained {
    wholly,  ///< nothing was in flight any more
    late,    ///< patience ran out before, and what only waited was sent away
    cut,     ///< cut() came before
  };
  /// Closes the listeners, takes nobody in any more and waits until everyone has been answered, at
  /// most `patience`; then requests that still wait for anything but the upstream get a reply that
  /// says so. A call of cut() from another thread ends the wait.
  Drained drain(base::Duration patience);
  /// From any thread.
  void cut();

 private:
  using Dialers = std::vector<std::unique_ptr<net::Dialer>>;

  Service(const ServiceOptions& options, Parts parts, MakeDialer make_dialer);
  /// Whether a loop has a request under way, once it has done what it was told before.
  bool any_in_flight();
  void add_loop(const ServiceOptions& options);
  /// Those of a loop, one for each route.
  base::Result<Dialers> dial_all(const Snapshot& snapshot, net::Loop& loop);
  base::Result<std::vector<Dialers>> dial_all(const Snapshot& snapshot);
  base::Result<std::unique_ptr<net::Dialer>> dial_tcp(const RouteOptions& route, net::Loop& loop);

  Parts parts_;
  MakeDialer make_dialer_;
  mutable std::mutex plan_mutex_;
  std::shared_ptr<const Snapshot> snapshot_;  ///< changed by the owner's thread only
  CounterRegistry registry_;
  ReplayBudget replay_budget_;  // outlives the loops, whose requests hold shares of it
  std::vector<std::unique_ptr<Sessions>> loops_;
  std::atomic<std::size_t> turn_ = 0;  ///< of the loop that gets the next client
  net::Resolver resolver_;             // after the loops: its answers go to their loops
  std::vector<std::thread> threads_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t listening_ = 0;  ///< loops that have not left the listeners, once a drain begins
  std::size_t undrained_ = 0;
  bool cut_ = false;
};

}  // namespace bearer::relay
