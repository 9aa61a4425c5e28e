// The data plane as a whole: its listening sockets and its workers, each on a thread.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "net/listener.h"
#include "net/resolver.h"
#include "relay/observer.h"
#include "relay/options.h"
#include "relay/route.h"
#include "relay/worker.h"
#include "token/source.h"

namespace bearer::relay {

/// Used by one thread. What Parts refers to outlives it.
class Service {
 public:
  /// How a connection to a route's upstream is made; a test puts a failing one here.
  using MakeDialer = std::function<base::Result<std::unique_ptr<net::Dialer>>(
      const RouteOptions& route, net::Loop& loop)>;

  struct Parts {
    const base::Clock& clock;
    Observer& observer;
    std::map<std::string, token::Source*> credentials;  ///< by the names that routes use
    std::vector<net::Listener> listeners;
  };
  /// Errc::file_unreadable where a CA file cannot be loaded, client_certificate_unusable where ours
  /// cannot.
  static base::Result<std::unique_ptr<Service>> make(const ServiceOptions& options,
                                                     std::vector<RouteOptions> routes, Parts parts,
                                                     MakeDialer make_dialer = {});
  /// Cuts what is under way.
  ~Service();

  /// Serves from now on.
  void start();

  /// Closes the listeners, takes nobody in any more and waits until everyone has been answered, at
  /// most `patience`. True if nothing had to be cut. A call of cut() from another thread ends the
  /// wait.
  bool drain(base::Duration patience);
  /// From any thread.
  void cut();

 private:
  Service(const ServiceOptions& options, std::vector<RouteOptions> routes, Parts parts);
  base::Result<void> add_worker(const ServiceOptions& options, const MakeDialer& make_dialer);
  base::Result<std::unique_ptr<net::Dialer>> dial_tcp(const RouteOptions& route, net::Loop& loop);

  Parts parts_;
  RouteTable routes_;
  AdmissionRules rules_;
  std::vector<std::unique_ptr<Worker>> workers_;
  net::Resolver resolver_;  // after the workers: its answers go to their loops
  std::vector<std::thread> threads_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t listening_ = 0;  ///< loops that have not left the listeners, once a drain begins
  std::size_t undrained_ = 0;
  bool cut_ = false;
};

}  // namespace bearer::relay
