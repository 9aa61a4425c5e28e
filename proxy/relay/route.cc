#include "relay/route.h"

#include "base/text.h"
#include "http/path.h"

namespace bearer::relay {

RouteTable::RouteTable(std::vector<RouteOptions> routes) {
  for (RouteOptions& options : routes) {
    routes_.push_back(std::make_unique<Route>(std::move(options)));
  }
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

Route* RouteTable::find_upstream(std::string_view host, std::string_view path_and_query) const {
  Route* best = nullptr;
  for (const auto& route : routes_) {
    const http::Url& upstream = route->options.upstream;
    if (!base::iequals(upstream.host, host)) continue;
    if (!http::path_has_prefix(path_and_query, upstream.path)) continue;
    if (!best || best->options.upstream.path.size() < upstream.path.size()) best = route.get();
  }
  return best;
}

bool RouteTable::has_upstream(std::string_view host) const {
  for (const auto& route : routes_) {
    if (base::iequals(route->options.upstream.host, host)) return true;
  }
  return false;
}

}  // namespace bearer::relay
