// Makes connections to one server.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "net/egress.h"
#include "net/resolved_host.h"
#include "net/socket_address.h"
#include "net/stream.h"
#include "net/task.h"
#include "net/tls_context.h"
#include "net/wait.h"

namespace bearer::net {

/// A new connection and the address that it leads to.
struct Dialed {
  std::unique_ptr<Stream> stream;
  SocketAddress address;
};

/// Used on its loop's thread.
class Dialer {
 public:
  virtual ~Dialer() = default;
  /// Connects and, for TLS, does the handshake and verifies the server. Errc: resolve_failed,
  /// connect_refused, connect_unreachable, connect_timeout, descriptors_used_up,
  /// tls_handshake_failed, tls_certificate_untrusted, client_left. The stream wakes the sleeper of
  /// `wait`. TLS offers `alpn`; Stream::speaks_h2() says what the server chose.
  virtual Task<base::Result<Dialed>> dial(const Wait& wait, Alpn alpn) = 0;
  /// False if the server has moved away from `address`; may begin to find out.
  virtual bool leads_to(const SocketAddress& address) = 0;
};

/// Dials by TCP, through a tunnel of the egress proxy if one is used, and with TLS if `tls` is not
/// null. An error on the way to the proxy says so in its detail. Without TLS, a loopback name leads
/// to loopback addresses only, whatever the resolver says (RFC 6761 section 6.3), and a metadata
/// server's name to link-local and loopback ones.
class TcpDialer final : public Dialer {
 public:
  /// The addresses that the host's name may lead to.
  enum class Reach { anywhere, this_machine, this_link };

  TcpDialer(Loop& loop, Resolver& resolver, std::string host, std::uint16_t port,
            std::unique_ptr<TlsContext> tls, EgressProxy egress = {});

  Task<base::Result<Dialed>> dial(const Wait& wait, Alpn alpn) override;
  bool leads_to(const SocketAddress& address) override;

 private:
  /// Connects to the first address that can be reached. Moves those that fail to the list's end.
  Task<base::Result<Dialed>> first_of(SocketAddresses addresses, Wait wait, Alpn alpn);
  /// Connects to the server: through a tunnel, if there is an egress proxy.
  Task<base::Result<std::unique_ptr<Stream>>> reach(SocketAddress address, Wait wait);
  base::Error on_the_way(base::Error error) const;
  bool leads_away(const SocketAddress& address) const;
  /// Reaches the address and, for TLS, shakes hands: again without a session if that was the fault.
  Task<base::Result<std::unique_ptr<Stream>>> attempt(SocketAddress address, Wait wait, Alpn alpn);
  Task<base::Result<std::unique_ptr<Stream>>> secure(std::unique_ptr<Stream> under,
                                                     TlsContext::Session session, Wait wait,
                                                     Alpn alpn);

  Loop& loop_;
  const EgressProxy egress_;
  const std::string target_;  ///< where the tunnel leads
  const Reach reach_;
  ResolvedHost name_;  ///< the proxy's, if there is one
  std::unique_ptr<TlsContext> tls_;
};

}  // namespace bearer::net
