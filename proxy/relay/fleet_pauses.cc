#include "relay/fleet_pauses.h"

#include <chrono>

namespace bearer::relay {
namespace {

/// A pause of the fleet that is longer than ours by less than this is ours, come back.
constexpr base::Duration kSame = std::chrono::milliseconds(100);

std::string name_of(const RouteOptions& route) {
  return route.upstream.text() + " " + route.host + " " + route.path;
}

bool sensible(const Route& route, base::Duration length) {
  return length <= route.options.retry.window;
}

/// The time left of a pause that the fleet may know, else zero. The whole length decides: the rest
/// of a long pause is not sensible either, and a trial may have ended it.
base::Duration to_tell(const Route& route, base::Instant now) {
  const base::Duration left = route.pause.ends() - now;
  const bool told = left > base::Duration::zero() && sensible(route, route.pause.length());
  return told ? left : base::Duration::zero();
}

}  // namespace

base::Result<std::vector<PauseBegun>> share_pauses(std::span<const std::shared_ptr<Route>> routes,
                                                   PauseExchange& fleet, const base::Clock& clock) {
  const base::Instant now = clock.now();
  std::vector<PauseExchange::Pause> here;
  for (const auto& route : routes) {
    here.push_back({name_of(route->options), to_tell(*route, now)});
  }
  const base::Result<std::vector<base::Duration>> there = fleet.exchange(here);
  if (!there) return there.error();
  std::vector<PauseBegun> begun;
  for (std::size_t i = 0; i < routes.size() && i < there->size(); ++i) {
    const base::Duration left = (*there)[i];
    if (left <= here[i].left + kSame || !sensible(*routes[i], left)) continue;
    routes[i]->pause.begin(clock.now(), left, routes[i]->options.retry.window);
    begun.push_back({routes[i], left});
  }
  return begun;
}

}  // namespace bearer::relay
