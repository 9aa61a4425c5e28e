// The way out of a network that lets nobody connect directly: an HTTP proxy that tunnels.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/secret.h"

namespace bearer::net {

struct EgressProxy {
  std::string host;  ///< empty: none, connections are made directly
  std::uint16_t port = 0;
  base::Secret authorization = {};  ///< Proxy-Authorization's value; empty: no such field

  bool used() const { return !host.empty(); }
  bool operator==(const EgressProxy&) const = default;
};

struct EgressOptions {
  EgressProxy proxy;
  /// As NO_PROXY has them: a host and all names under it (`example.com`, `.example.com`), an
  /// address, a network (`10.0.0.0/8`), or `*`.
  std::vector<std::string> exempt = {};

  /// The proxy by which `host` is reached; one that is not used() if it is exempt, loopback, or a
  /// metadata server, which answers nobody but this machine.
  EgressProxy proxy_for(std::string_view host) const;
  bool operator==(const EgressOptions&) const = default;
};

}  // namespace bearer::net
