// The egress proxy of a network that lets nobody connect directly: an HTTP proxy that tunnels.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/secret.h"

namespace bearer::net {

struct EgressProxy {
  std::string host;  ///< empty: connections are made directly
  std::uint16_t port = 0;
  base::Secret authorization = {};  ///< Proxy-Authorization's value; empty: no such field

  bool used() const { return !host.empty(); }
  bool operator==(const EgressProxy&) const = default;
};

struct EgressOptions {
  EgressProxy proxy;
  /// As in NO_PROXY: a host and all names under it (`example.com`, `.example.com`), an address, a
  /// network (`10.0.0.0/8`), or `*`.
  std::vector<std::string> exempt = {};

  /// The proxy for `host`. It is not used() if `host` is exempt, loopback, or a metadata server,
  /// which answers this machine alone.
  EgressProxy proxy_for(std::string_view host) const;
  bool operator==(const EgressOptions&) const = default;
};

}  // namespace bearer::net
