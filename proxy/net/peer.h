// The process at the other end of a connection.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "net/sock_diag.h"

namespace bearer::net {

/// The process at the other end, as far as this machine knows it.
struct Peer {
  enum class Kind : std::uint8_t {
    unasked,    ///< it may have a user, but nobody has asked for it
    user,       ///< a process of user `uid`
    gone,       ///< no process of this machine holds that end any longer
    elsewhere,  ///< on another machine, as far as this one knows
    untold,     ///< it may have a user, but the kernel does not say which
  };
  Kind kind = Kind::unasked;
  uid_t uid = 0;  ///< with Kind::user
};

/// Finds out who has connected. Used by one thread.
class PeerFinder {
 public:
  /// The user of a unix socket's peer is noted by the kernel when it connects. The user of a TCP
  /// client costs a query of some microseconds, which is made only with `of_tcp`.
  Peer find(int fd, bool of_tcp);

 private:
  Peer ask(int fd);

  std::optional<SockDiag> diag_;
};

/// True if that peer is served: `allowed` names its user, or nobody. A peer from elsewhere is
/// always served, because `allowed` names users of this machine.
bool is_welcome(const Peer& peer, std::span<const unsigned> allowed);

/// The reason why a peer is not served, for the log.
std::string why_refused(const Peer& peer);

/// The state of a peer that has ended its sending.
enum class PeerReading {
  goes_on,  ///< a process still reads there
  ended,    ///< none does
  untold,   ///< it is on another machine, or the kernel does not say
};
/// Asks the kernel (sock_diag), which takes some ten microseconds. A unix socket's peer counts as
/// reading until the connection hangs up, which is an event.
PeerReading peer_reading(int fd);

/// True if the peer is certainly a process of this machine: over a unix socket, or from a loopback
/// address.
bool peer_is_local(int fd);

}  // namespace bearer::net
