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
    unasked,    ///< it may have a user, for whom nobody has asked
    user,       ///< a process of user `uid`
    gone,       ///< no process of this machine holds that end any more
    elsewhere,  ///< on another machine, for all that this one can tell
    untold,     ///< it may have a user, whom the kernel does not tell
  };
  Kind kind = Kind::unasked;
  uid_t uid = 0;  ///< of Kind::user
};

/// Finds out who connects. Used by one thread.
class PeerFinder {
 public:
  /// The user of a unix socket's peer is the one whom the kernel noted when it connected. That of a
  /// TCP client costs a question of some microseconds: it is asked for only where `of_tcp`.
  Peer find(int fd, bool of_tcp);

 private:
  Peer ask(int fd);

  std::optional<SockDiag> diag_;
};

/// Whether that peer is served: `allowed` names its user. Where it names nobody, anybody is. Who
/// came from elsewhere is, too: it names users of this machine.
bool is_welcome(const Peer& peer, std::span<const unsigned> allowed);

/// Why one is not served, for the log.
std::string why_refused(const Peer& peer);

/// What can be told of a peer that has ended its sending.
enum class PeerReading {
  goes_on,  ///< somebody still reads there
  ended,    ///< nobody does
  untold,   ///< it is on another machine, or the kernel does not say
};
/// Asks the kernel (sock_diag); takes some ten microseconds. A unix socket's peer goes on until the
/// connection hangs up, which is an event.
PeerReading peer_reading(int fd);

/// True if it is a process of this machine for certain: over a unix socket, or from a loopback
/// address.
bool peer_is_local(int fd);

}  // namespace bearer::net
