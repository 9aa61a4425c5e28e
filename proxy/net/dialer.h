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

/// A fresh connection and where it leads.
struct Dialed {
  std::unique_ptr<Stream> stream;
  SocketAddress address;
};

/// Used on its loop's thread.
class Dialer {
 public:
  virtual ~Dialer() = default;
  /// Connected and, for TLS, shaken and verified. Errc: resolve_failed, connect_refused,
  /// connect_unreachable, connect_timeout, tls_handshake_failed, tls_certificate_untrusted,
  /// client_left. The stream wakes the sleeper of `wait`. TLS offers `alpn`; what the server took
  /// of it is for Stream::speaks_h2() to say.
  virtual Task<base::Result<Dialed>> dial(const Wait& wait, Alpn alpn) = 0;
  /// False if the server has moved away from `address`; may begin to find out.
  virtual bool leads_to(const SocketAddress& address) = 0;
};

/// By TCP, through a tunnel of the egress proxy's where one is used, and TLS where `tls` is not
/// null. What goes wrong on the way to the proxy says so in its detail. Without TLS a loopback name
/// leads to loopback addresses only, whatever the resolver says (RFC 6761 section 6.3), and a
/// metadata server's to link-local and loopback ones.
class TcpDialer final : public Dialer {
 public:
  /// How far the host's name may lead.
  enum class Reach { anywhere, this_machine, this_link };

  TcpDialer(Loop& loop, Resolver& resolver, std::string host, std::uint16_t port,
            std::unique_ptr<TlsContext> tls, EgressProxy egress = {});

  Task<base::Result<Dialed>> dial(const Wait& wait, Alpn alpn) override;
  bool leads_to(const SocketAddress& address) override;

 private:
  /// The first of them that can be reached; those before it go to the end of the name's.
  Task<base::Result<Dialed>> first_of(SocketAddresses addresses, Wait wait, Alpn alpn);
  /// Connected to the server: by a tunnel, if there is an egress proxy.
  Task<base::Result<std::unique_ptr<Stream>>> reach(SocketAddress address, Wait wait);
  base::Error on_the_way(base::Error error) const;
  bool leads_away(const SocketAddress& address) const;
  /// Reached, and for TLS shaken: a second time without a session where that was the fault.
  Task<base::Result<std::unique_ptr<Stream>>> attempt(SocketAddress address, Wait wait, Alpn alpn);
  Task<base::Result<std::unique_ptr<Stream>>> secure(std::unique_ptr<Stream> under,
                                                     TlsContext::Session session, Wait wait,
                                                     Alpn alpn);

  Loop& loop_;
  const EgressProxy egress_;
  const std::string target_;  ///< what the tunnel leads to
  const Reach reach_;
  ResolvedHost name_;  ///< the proxy's, where there is one
  std::unique_ptr<TlsContext> tls_;
};

}  // namespace bearer::net
