#include "relay/plan.h"

#include <utility>

namespace bearer::relay {

Plan::Plan(const ServiceOptions& options, std::vector<RouteOptions> wanted,
           Credentials its_credentials, const Plan* before)
    : routes(std::move(wanted), before ? &before->routes : nullptr),
      rules{options.allowed_hosts, options.allowed_origins, options.denied_methods,
            options.denied_paths},
      allowed_uids(options.allowed_uids),
      credentials(std::move(its_credentials)) {
  for (const auto& route : routes.routes()) {
    if (!route->options.host.empty()) rules.hosts.push_back(route->options.host);
  }
}

}  // namespace bearer::relay
