// Which upstream a request belongs to.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "relay/in_flight.h"
#include "relay/options.h"
#include "relay/pacer.h"
#include "relay/pause.h"

namespace bearer::relay {

/// One route, shared by the loops: its options never change, the rest is atomic or locks itself.
struct Route {
  explicit Route(RouteOptions wanted)
      : options(std::move(wanted)), pacer(options.pacing), in_flight(options.in_flight_max) {}

  const RouteOptions options;
  Pause pause;
  Pacer pacer;
  InFlight in_flight;
};

/// Immutable once made; thread-safe.
class RouteTable {
 public:
  explicit RouteTable(std::vector<RouteOptions> routes);

  /// The route for a Host name (without port, any case) and a path: those for that host come before
  /// those for any, then the longest path wins. Null if there is none.
  Route* find(std::string_view host, std::string_view path_and_query) const;
  /// The route whose upstream a client addresses directly, as through a forward proxy: by the
  /// upstream's host, then the longest base path. Null if there is none.
  Route* find_upstream(std::string_view host, std::string_view path_and_query) const;
  /// True if some route's upstream is on `host`.
  bool has_upstream(std::string_view host) const;

  /// In the order of the configuration.
  const std::vector<std::unique_ptr<Route>>& routes() const { return routes_; }

 private:
  std::vector<std::unique_ptr<Route>> routes_;
};

}  // namespace bearer::relay
