#include "relay/route.h"

#include "base/text.h"
#include "http/path.h"

namespace bearer::relay {
namespace {

/// True if a client that names `host` in a URL may mean that upstream. The default ports of both
/// schemes count as the same.
bool is_at(const http::Url& upstream, const http::Host& host) {
  const bool unsaid = host.port == 0 || host.port == http::default_port(false) ||
                      host.port == http::default_port(true);
  const std::uint16_t port = unsaid ? http::default_port(upstream.tls) : host.port;
  return host.is(upstream.host) && upstream.port == port;
}

}  // namespace

RouteTable::RouteTable(const base::SharedList<RouteOptions>& wanted, const RouteTable* before) {
  routes_.reserve(wanted.size());
  for (const base::Shared<RouteOptions>& options : wanted.items()) {
    const std::shared_ptr<Route> known = before ? before->at(*options) : nullptr;
    if (known && known->wanted_as == options) {
      routes_.push_back(known);
      continue;
    }
    routes_.push_back(std::make_shared<Route>(options));
    const bool same_upstream = known && known->options.upstream == routes_.back()->options.upstream;
    if (!same_upstream) continue;
    routes_.back()->pause.take_over(known->pause);
    routes_.back()->kind_pause.take_over(known->kind_pause);
  }
}

std::shared_ptr<Route> RouteTable::at(const RouteOptions& place) const {
  for (const auto& route : routes_) {
    const RouteOptions& options = route->options;
    if (options.host == place.host && options.path == place.path) return route;
  }
  return nullptr;
}

Route* RouteTable::find(std::string_view host, std::string_view path_and_query) const {
  Route* best = nullptr;
  for (const auto& route : routes_) {
    const RouteOptions& options = route->options;
    if (!options.host.empty() && !base::iequals(options.host, host)) continue;
    if (!http::path_has_prefix(path_and_query, options.path)) continue;
    const bool better = !best || best->options.host.size() < options.host.size() ||
                        (best->options.host.empty() == options.host.empty() &&
                         best->options.path.size() < options.path.size());
    if (better) best = route.get();
  }
  return best;
}

Route* RouteTable::find_upstream(const http::Host& host, std::string_view path_and_query) const {
  Route* best = nullptr;
  for (const auto& route : routes_) {
    const http::Url& upstream = route->options.upstream;
    if (!is_at(upstream, host)) continue;
    if (!http::path_has_prefix(path_and_query, upstream.path)) continue;
    if (!best || best->options.upstream.path.size() < upstream.path.size()) best = route.get();
  }
  return best;
}

bool RouteTable::has_upstream(const http::Host& host) const {
  for (const auto& route : routes_) {
    if (is_at(route->options.upstream, host)) return true;
  }
  return false;
}

}  // namespace bearer::relay
