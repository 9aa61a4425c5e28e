// The data plane as a whole: its listening sockets, and its loops with a thread each.
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
#include "base/shared.h"
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

/// Checks the certificates that the route's settings name, whether its upstream speaks TLS or not.
/// Errc as Service::make()'s.
base::Result<void> check_certificates(const RouteOptions& route);

/// Used by its owner's thread, but where "any thread" is said. The objects that Parts refers to
/// outlive it.
class Service {
 public:
  /// Makes the dialer for a route's upstream. A test puts a failing one here.
  using MakeDialer = std::function<base::Result<std::unique_ptr<net::Dialer>>(
      const RouteOptions& route, net::Loop& loop)>;

  struct Parts {
    const base::Clock& clock;
    Observer& observer;
    std::vector<net::Listener> listeners;
    TraceQueue* traces = nullptr;  ///< the queue for spans; null: none are sent
  };
  /// Errc::file_unreadable if a CA file cannot be loaded, client_certificate_unusable if our
  /// certificate cannot.
  static base::Result<std::unique_ptr<Service>> make(const ServiceOptions& options,
                                                     const base::SharedList<RouteOptions>& routes,
                                                     TokenSources credentials, Parts parts,
                                                     MakeDialer make_dialer = {});
  /// Cuts everything in flight.
  ~Service();

  /// Begins to serve.
  void start();

  /// Puts another configuration in force for new requests; those in flight keep the one before.
  /// Only what a Snapshot holds is read from `options`. If it fails, as make() does, nothing has
  /// changed.
  base::Result<void> reload(const ServiceOptions& options,
                            const base::SharedList<RouteOptions>& routes, TokenSources credentials);

  /// Calls `then` once, on a loop's thread, after every loop has turned. Any thread, after start().
  void beat(const std::function<void()>& then);

  /// Calls `then` once, on a loop's thread, with the requests of all loops: first those in flight,
  /// the oldest first, then those that ended, the latest first. Any thread, after start().
  void requests(const RequestFilter& filter, std::function<void(std::vector<RequestRecord>)> then);

  /// The snapshot in force. Any thread.
  std::shared_ptr<const Snapshot> snapshot() const;

  /// The counts of all loops; see CounterRegistry. Any thread.
  Totals totals(CounterRegistry::Routes which = CounterRegistry::Routes::all) const {
    return registry_.totals(which);
  }

  /// How many requests are sent on to the upstream though their clients have the answer, which may
  /// have left since. Any thread.
  std::uint64_t rests() const;

  enum class Drained {
    wholly,  ///< nothing was in flight any more
    late,    ///< patience ran out before, and requests that only waited got a reply
    cut,     ///< cut() came before
  };
  /// Closes the listeners, accepts nobody any more and waits until everyone has been answered, at
  /// most `patience`. Then requests that still wait for anything but the upstream get a reply that
  /// says so. A call of cut() from another thread ends the wait.
  Drained drain(base::Duration patience);
  /// Any thread.
  void cut();

 private:
  using Dialers = std::vector<std::unique_ptr<net::Dialer>>;

  Service(const ServiceOptions& options, Parts parts, MakeDialer make_dialer);
  /// True if a loop still has a request in flight after it has run what was posted before.
  bool any_in_flight();
  void add_loop(const ServiceOptions& options);
  /// The dialers of a loop, one for each route.
  base::Result<Dialers> dial_all(const Snapshot& snapshot, net::Loop& loop);
  base::Result<std::vector<Dialers>> dial_all(const Snapshot& snapshot);
  base::Result<std::unique_ptr<net::Dialer>> dial_tcp(const RouteOptions& route, net::Loop& loop);

  Parts parts_;
  MakeDialer make_dialer_;
  const std::size_t requests_kept_;  ///< of those that ended, in all loops together
  mutable std::mutex snapshot_mutex_;
  std::shared_ptr<const Snapshot> snapshot_;  ///< changed by the owner's thread only
  CounterRegistry registry_;
  ReplayBudget replay_budget_;  // outlives the loops, whose requests hold shares of it
  Siblings siblings_;           ///< the loops, as they see each other
  std::vector<std::unique_ptr<Sessions>> loops_;
  net::Resolver resolver_;  // after the loops: its answers go to their loops
  std::vector<std::thread> threads_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t listening_ = 0;  ///< loops that have not left the listeners, once a drain begins
  std::size_t undrained_ = 0;
  bool cut_ = false;
};

}  // namespace bearer::relay
