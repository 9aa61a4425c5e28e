#include "relay/loop_routes.h"

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <utility>

namespace bearer::relay {

LoopRoutes::LoopRoutes(std::shared_ptr<const Snapshot> plan,
                       std::vector<std::unique_ptr<net::Dialer>> dialers, CounterRegistry& ledger,
                       net::Loop& loop)
    : plan_(std::move(plan)) {
  for (const auto& [name, source] : plan_->credentials) tokens_.try_emplace(name, loop, *source);
  const auto& routes = plan_->routes.routes();
  assert(routes.size() == dialers.size());
  for (std::size_t i = 0; i < routes.size(); ++i) {
    TokenSlot& token = tokens_.at(routes[i]->options.credential);
    auto counters = ledger.lane(loop, routes[i]->options.label());
    lanes_.push_back(std::make_unique<LoopRoute>(*routes[i], token, std::move(dialers[i]),
                                                 std::move(counters), loop));
  }
  ledger.sweep();
}

LoopRoute& LoopRoutes::of(const Route& route) {
  const auto lane =
      std::ranges::find_if(lanes_, [&](const auto& one) { return &one->route == &route; });
  assert(lane != lanes_.end());
  return **lane;
}

}  // namespace bearer::relay
