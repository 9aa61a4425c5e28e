#include "relay/loop_routes.h"

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <utility>

namespace bearer::relay {

LoopRoutes::LoopRoutes(std::shared_ptr<const Snapshot> snapshot,
                       std::vector<std::unique_ptr<net::Dialer>> dialers, CounterRegistry& registry,
                       net::Loop& loop)
    : snapshot_(std::move(snapshot)) {
  for (const auto& [name, source] : snapshot_->credentials)
    tokens_.try_emplace(name, loop, *source);
  const auto& routes = snapshot_->routes.routes();
  assert(routes.size() == dialers.size());
  for (std::size_t i = 0; i < routes.size(); ++i) {
    const RouteOptions& options = routes[i]->options;
    TokenSlot& token = tokens_.at(options.credential);
    DpopNonce& nonce = nonces_[{options.credential, options.upstream.origin()}];
    auto counters = registry.route(loop, options.label());
    routes_.push_back(std::make_unique<LoopRoute>(*routes[i], token, std::move(dialers[i]),
                                                  std::move(counters), nonce, loop));
  }
  registry.sweep();
}

LoopRoute& LoopRoutes::of(const Route& route) {
  const auto found =
      std::ranges::find_if(routes_, [&](const auto& one) { return &one->shared == &route; });
  assert(found != routes_.end());
  return **found;
}

}  // namespace bearer::relay
