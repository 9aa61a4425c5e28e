// Resolves host names with the system's own resolver (getaddrinfo: hosts file, nsswitch). It
// blocks, so it has a few threads of its own: a name that hangs does not delay the others.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "net/socket_address.h"

namespace bearer::net {

/// Blocks, except for `localhost` and names under it, which stand for [::1] and 127.0.0.1 (RFC 6761
/// section 6.3). Errc::resolve_failed with the system's own words.
base::Result<SocketAddresses> resolve(const std::string& host, std::uint16_t port);

class Resolver {
 public:
  using Done = std::function<void(base::Result<SocketAddresses>)>;
  using Lookup =
      std::function<base::Result<SocketAddresses>(const std::string& host, std::uint16_t port)>;

  /// `lookup` is called on the resolver's threads, several at once, and even after this object's
  /// end, so it refers to nothing that may end before. With one thread, questions are answered in
  /// order.
  explicit Resolver(Lookup lookup = net::resolve, std::size_t threads_max = 4);
  /// Drops what is queued. A lookup that hangs in the system's resolver ends by itself.
  ~Resolver();

  /// Calls `done` on one of the resolver's threads, with the answer of a lookup that may have been
  /// under way for others who asked the same. Calls it at once and here for a `host` that is an
  /// address, and where no thread can be made. It must not ask in its turn. From any thread.
  void resolve(std::string host, std::uint16_t port, Done done);

 private:
  /// Shared with the threads, which may outlive this object inside getaddrinfo.
  struct Lookups;

  std::shared_ptr<Lookups> lookups_;
};

}  // namespace bearer::net
