// Finds the route of a request.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/shared.h"
#include "http/host_field.h"
#include "relay/head/own_fields.h"
#include "relay/limits/in_flight.h"
#include "relay/limits/kind_pause.h"
#include "relay/limits/link_watch.h"
#include "relay/limits/pacer.h"
#include "relay/limits/pause.h"
#include "relay/options.h"

namespace bearer::relay {

/// One route, shared by the loops and, if a reload leaves it as it is, by two snapshots. Its
/// options never change; the rest is atomic or locks itself.
struct Route {
  explicit Route(base::Shared<RouteOptions> wanted)
      : wanted_as(std::move(wanted)),
        options(*wanted_as),
        label(options.label()),
        authority(options.upstream.authority()),
        origin(options.upstream.origin()),
        before_token(relay::before_token(options)),
        before_bound_token(relay::before_bound_token(options)),
        after_token(relay::after_token(options)),
        pacer(options.pacing, options.retry.window),
        in_flight(options.in_flight_max) {}

  const base::Shared<RouteOptions> wanted_as;  ///< the configuration's own
  const RouteOptions& options;                 ///< the same
  const std::string label;                     ///< RouteOptions::label()
  const std::string authority;                 ///< the upstream's, as Host has it
  const std::string origin;         ///< the upstream's: the scheme, `://` and `authority`
  const base::Secret before_token;  ///< see own_fields.h
  const base::Secret before_bound_token;
  const std::string_view after_token;
  Pause pause;
  KindPause kind_pause;
  Pacer pacer;
  InFlight in_flight;
  LinkWatch link_watch;
};

/// Immutable. Thread-safe.
class RouteTable {
 public:
  /// Routes of `before`, which may be null, that are wanted unchanged stay the same objects. A
  /// route that changed, but kept its upstream, keeps its pauses.
  explicit RouteTable(const base::SharedList<RouteOptions>& wanted,
                      const RouteTable* before = nullptr);

  /// The route for a Host name (without port, any case) and a path. Routes for that host come
  /// before those for any host, then the longest path wins. Null if there is none.
  Route* find(std::string_view host, std::string_view path_and_query) const;
  /// The route whose upstream a client addresses directly, as through a forward proxy: by the
  /// upstream's host and port, then the longest base path. Null if there is none. A host without a
  /// port matches the upstream's scheme, because a client of a forward proxy can only say http.
  Route* find_upstream(const http::Host& host, std::string_view path_and_query) const;
  /// True if some route's upstream is at that host and port.
  bool has_upstream(const http::Host& host) const;

  /// The routes in the order of the configuration.
  const std::vector<std::shared_ptr<Route>>& routes() const { return routes_; }

 private:
  /// The route for the same host and path, or null.
  std::shared_ptr<Route> at(const RouteOptions& place) const;

  std::vector<std::shared_ptr<Route>> routes_;
};

}  // namespace bearer::relay
