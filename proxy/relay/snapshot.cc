#include "relay/snapshot.h"

#include <utility>

namespace bearer::relay {

Snapshot::Snapshot(const ServiceOptions& options, const base::SharedList<RouteOptions>& wanted,
                   TokenSources its_credentials, const Snapshot* before)
    : routes(wanted, before ? &before->routes : nullptr),
      rules{options.allowed_hosts, options.allowed_origins, options.denied_methods,
            options.denied_paths},
      request_fields_max(options.request_fields_max),
      allowed_uids(options.allowed_uids),
      credentials(std::move(its_credentials)) {
  for (const auto& route : routes.routes()) {
    if (!route->options.host.empty()) rules.hosts.push_back(route->options.host);
  }
}

}  // namespace bearer::relay
