// What the kernel knows of the other end of a connection within this machine (sock_diag(7)).
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
  /// TCP_ESTABLISHED and its like, of <netinet/tcp.h>. One that has ended its sending, and has a
  /// user who may still read, is in TCP_FIN_WAIT1 until the end was acknowledged, then in
  /// TCP_FIN_WAIT2.
  int state;
  /// It has not ended its receiving, as closing does before the end goes out.
  bool reads;
  std::optional<uid_t> user;  ///< nullopt: no process holds it any more, so it is nobody's
};

/// A way to ask the kernel, which needs no privilege and takes some microseconds a question. Used
/// by one thread.
class SockDiag {
 public:
  using Answer = base::Result<std::optional<DiagnosedSocket>>;

  /// Asks something that is known, too: a kernel without the module for TCP says of every socket
  /// that it is not there. Errc::address_unusable with the reason.
  static base::Result<SockDiag> open();

  /// The socket whose own address is `local`, connected to `remote`; nullopt if this network
  /// namespace has none. An IPv4 address may be a mapped one (RFC 4291 section 2.5.5.2).
  /// Errc::address_unusable where the kernel does not answer.
  Answer find(const SocketAddress& local, const SocketAddress& remote);

  /// The socket at the other end of `fd`, which is connected by TCP; nullopt if it is on another
  /// machine, in another network namespace, or gone without a trace.
  Answer other_end(int fd);
  /// The socket `fd` itself; nullopt if it is of another network namespace.
  Answer own_end(int fd);

 private:
  explicit SockDiag(base::Descriptor channel) : channel_(std::move(channel)) {}

  base::Descriptor channel_;
  std::uint32_t asked_ = 0;  ///< the number of the last question
};

}  // namespace bearer::net
