#include "net/peer.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <utility>

#include "base/advice.h"
#include "net/sock_diag.h"
#include "net/socket_address.h"

namespace bearer::net {
namespace {

std::optional<uid_t> noted_uid(int fd) {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return std::nullopt;
  if (peer.uid == static_cast<uid_t>(-1)) return std::nullopt;  // not a unix socket
  return peer.uid;
}

}  // namespace

Peer PeerFinder::find(int fd, bool of_tcp) {
  if (const auto uid = noted_uid(fd)) return {Peer::Kind::user, *uid};
  if (!of_tcp) return {};
  return ask(fd);
}

Peer PeerFinder::ask(int fd) {
  if (!diag_) {
    base::Result<SockDiag> opened = SockDiag::open();
    if (!opened) return {Peer::Kind::untold};
    diag_.emplace(std::move(*opened));
  }
  const SockDiag::Answer answer = diag_->other_end(fd);
  if (!answer) {
    diag_.reset();  // the next query begins with a new one
    return {Peer::Kind::untold};
  }
  const std::optional<DiagnosedSocket>& found = *answer;
  if (found && found->user) return {Peer::Kind::user, *found->user};
  // A process of this machine may have ended and left no trace. Nobody else reaches our loopback
  // addresses, from whichever address.
  const bool here = found || own_address(fd).is_loopback() || peer_is_local(fd);
  return {here ? Peer::Kind::gone : Peer::Kind::elsewhere};
}

bool is_welcome(const Peer& peer, std::span<const unsigned> allowed) {
  if (allowed.empty() || peer.kind == Peer::Kind::elsewhere) return true;
  return peer.kind == Peer::Kind::user && std::ranges::find(allowed, peer.uid) != allowed.end();
}

std::string why_refused(const Peer& peer) {
  const std::string see = "; " + base::advice_on(base::Trouble::user_not_allowed);
  switch (peer.kind) {
    case Peer::Kind::user:
      return "its user is not one of those that are served (uid=" + std::to_string(peer.uid) + ")" +
             see;
    case Peer::Kind::gone: return "it had gone before its user was known" + see;
    default: return "the kernel does not tell its user" + see + ", or listen on a unix socket";
  }
}

PeerReading peer_reading(int fd) {
  pollfd here{.fd = fd, .events = POLLRDHUP, .revents = 0};
  if (poll(&here, 1, 0) > 0 && (here.revents & (POLLHUP | POLLERR))) return PeerReading::ended;
  const SocketAddress peer = peer_address(fd);
  if (peer.family() == AF_UNSPEC) return PeerReading::ended;
  if (peer.family() == AF_UNIX) return PeerReading::goes_on;
  base::Result<SockDiag> kernel = SockDiag::open();
  if (!kernel) return PeerReading::untold;
  const SockDiag::Answer answer = kernel->other_end(fd);
  if (!answer) return PeerReading::untold;
  const std::optional<DiagnosedSocket>& socket = *answer;
  if (socket) return socket->user && socket->reads ? PeerReading::goes_on : PeerReading::ended;
  // A socket of another machine is not found. A peer on loopback is on this machine, unless the
  // connection was handed to us from another network namespace: then our own end is not found
  // either.
  const SockDiag::Answer own = kernel->own_end(fd);
  const bool here_too = own && own->has_value();
  const bool on_loopback = peer.is_loopback() || own_address(fd).is_loopback();
  return here_too && on_loopback ? PeerReading::ended : PeerReading::untold;
}

bool peer_is_local(int fd) {
  const SocketAddress peer = peer_address(fd);
  return peer.family() == AF_UNIX || peer.is_loopback();
}

}  // namespace bearer::net
