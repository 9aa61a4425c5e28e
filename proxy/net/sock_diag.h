// Asks the kernel about the other end of a connection within this machine (sock_diag(7)).
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <utility>

#include "base/descriptor.h"
#include "base/result.h"
#include "net/socket_address.h"

namespace bearer::net {

/// A TCP socket, as the kernel describes it.
struct DiagnosedSocket {
  /// TCP_ESTABLISHED and the like, of <netinet/tcp.h>. A socket that has ended its sending, and
  /// whose process may still read, is in TCP_FIN_WAIT1 until the end is acknowledged, then in
  /// TCP_FIN_WAIT2.
  int state;
  /// False if it has ended its receiving, as close() does before the end is sent.
  bool reads;
  std::optional<uid_t> user;  ///< nullopt: no process holds it any longer
};

/// A channel to the kernel, which needs no privilege and takes some microseconds a query. Used by
/// one thread.
class SockDiag {
 public:
  using Answer = base::Result<std::optional<DiagnosedSocket>>;

  /// Also queries a socket that is known to exist, because a kernel without the module for TCP says
  /// of every socket that it does not. Errc::address_unusable with the reason.
  static base::Result<SockDiag> open();

  /// The socket whose own address is `local`, connected to `remote`; nullopt if this network
  /// namespace has none. An IPv4 address may be a mapped one (RFC 4291 section 2.5.5.2).
  /// Errc::address_unusable if the kernel does not answer.
  Answer find(const SocketAddress& local, const SocketAddress& remote);

  /// The socket at the other end of `fd`, which is connected by TCP; nullopt if it is on another
  /// machine, in another network namespace, or gone without a trace.
  Answer other_end(int fd);
  /// The socket `fd` itself; nullopt if it belongs to another network namespace.
  Answer own_end(int fd);

 private:
  explicit SockDiag(base::Descriptor channel) : channel_(std::move(channel)) {}

  base::Descriptor channel_;
  std::uint32_t asked_ = 0;  ///< the number of the last query
};

}  // namespace bearer::net
