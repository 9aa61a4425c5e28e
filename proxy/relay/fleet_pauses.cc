#include "relay/fleet_pauses.h"

#include <utility>

namespace bearer::relay {
namespace {

std::string name_of(const RouteOptions& route) {
  return route.upstream.text() + " " + route.host + " " + route.path + " " + route.credential;
}

bool sensible(const Route& route, base::Duration length) {
  return length <= route.options.retry.window;
}

/// The time left of a pause that ends at `ends` and that the fleet may know, else zero. The whole
/// length decides: the rest of a long pause is not sensible either, and a trial may have ended it.
base::Duration to_tell(const Route& route, base::Instant ends, base::Instant now) {
  const bool told = ends > now && sensible(route, route.pause.length());
  return told ? ends - now : base::Duration::zero();
}

}  // namespace

base::Result<std::vector<PauseBegun>> FleetPauses::share(
    std::span<const std::shared_ptr<Route>> routes) {
  const base::Instant now = clock_.now();
  std::vector<PauseStore::Pause> here;
  std::vector<base::Instant> ends;
  for (const auto& route : routes) {
    ends.push_back(route->pause.ends());
    here.push_back({name_of(route->options), to_tell(*route, ends.back(), now)});
    const auto shared = shared_.find(here.back().route);
    const bool known = shared != shared_.end() && shared->second.ends == ends.back();
    if (known) here.back().left = base::Duration::zero();
  }
  const base::Result<std::vector<base::Duration>> there = fleet_.merge(here);
  if (!there) {
    shared_.clear();  // the fleet may have lost what it knew
    return there.error();
  }
  const base::Instant then = clock_.now();
  std::map<std::string, Shared> shared_now;
  std::vector<PauseBegun> begun;
  for (std::size_t i = 0; i < routes.size() && i < there->size(); ++i) {
    Shared& shared = shared_now[here[i].route] = shared_[here[i].route];
    if (here[i].left > base::Duration::zero()) shared = {ends[i], then - now};
    const base::Duration left = (*there)[i];
    // Its time was counted at some moment between the question and the answer.
    const base::Instant ends_there = now + left;
    const bool new_here = ends_there > shared.ends + shared.slack + PauseStore::kSame &&
                          left > to_tell(*routes[i], ends[i], now) + PauseStore::kSame;
    if (!new_here || !sensible(*routes[i], left)) continue;
    routes[i]->pause.begin(then, left, routes[i]->options.retry.window);
    shared = {then + left, then - now};
    begun.push_back({routes[i], left});
  }
  shared_ = std::move(shared_now);
  return begun;
}

}  // namespace bearer::relay
