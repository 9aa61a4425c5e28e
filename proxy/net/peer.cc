#include "net/peer.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <utility>

namespace bearer::net {
namespace {

bool is_loopback(const in6_addr& address) {
  constexpr unsigned char kLoopbackNet = 127;
  if (IN6_IS_ADDR_LOOPBACK(&address)) return true;
  return IN6_IS_ADDR_V4MAPPED(&address) && address.s6_addr[12] == kLoopbackNet;
}

bool is_loopback(const sockaddr_storage& address) {
  switch (address.ss_family) {
    case AF_INET:
      return ntohl(reinterpret_cast<const sockaddr_in&>(address).sin_addr.s_addr) >> 24 ==
             IN_LOOPBACKNET;
    case AF_INET6: return is_loopback(reinterpret_cast<const sockaddr_in6&>(address).sin6_addr);
    default: return false;
  }
}

/// Nobody else reaches our loopback addresses, from whichever address he does it.
bool came_in_by_loopback(int fd) {
  sockaddr_storage own{};
  socklen_t size = sizeof own;
  return getsockname(fd, reinterpret_cast<sockaddr*>(&own), &size) == 0 && is_loopback(own);
}

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
    diag_.reset();  // the next question begins with a fresh one
    return {Peer::Kind::untold};
  }
  const std::optional<DiagnosedSocket>& found = *answer;
  if (found && found->user) return {Peer::Kind::user, *found->user};
  // A process of this machine may have ended and left no trace.
  const bool here = found || came_in_by_loopback(fd) || peer_is_local(fd);
  return {here ? Peer::Kind::gone : Peer::Kind::elsewhere};
}

bool is_welcome(const Peer& peer, std::span<const unsigned> allowed) {
  if (allowed.empty() || peer.kind == Peer::Kind::elsewhere) return true;
  return peer.kind == Peer::Kind::user && std::ranges::find(allowed, peer.uid) != allowed.end();
}

std::string why_refused(const Peer& peer) {
  switch (peer.kind) {
    case Peer::Kind::user:
      return "its user is not named by --allow-uid (uid=" + std::to_string(peer.uid) + ")";
    case Peer::Kind::gone:
      return "it had gone before its user was known, whom --allow-uid must name";
    default:
      return "the kernel does not tell its user, whom --allow-uid must name; listen on a unix "
             "socket";
  }
}

bool peer_is_local(int fd) {
  sockaddr_storage peer{};
  socklen_t size = sizeof peer;
  if (getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size) != 0) return false;
  return peer.ss_family == AF_UNIX || is_loopback(peer);
}

}  // namespace bearer::net
