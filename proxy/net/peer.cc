#include "net/peer.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>

namespace bearer::net {
namespace {

bool is_loopback(const in6_addr& address) {
  constexpr unsigned char kLoopbackNet = 127;
  if (IN6_IS_ADDR_LOOPBACK(&address)) return true;
  return IN6_IS_ADDR_V4MAPPED(&address) && address.s6_addr[12] == kLoopbackNet;
}

}  // namespace

std::optional<uid_t> peer_uid(int fd) {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return std::nullopt;
  if (peer.uid == static_cast<uid_t>(-1)) return std::nullopt;
  return peer.uid;
}

bool is_welcome(std::optional<uid_t> user, std::span<const unsigned> allowed) {
  return allowed.empty() || !user || std::ranges::find(allowed, *user) != allowed.end();
}

bool peer_is_local(int fd) {
  sockaddr_storage peer{};
  socklen_t size = sizeof peer;
  if (getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size) != 0) return false;
  switch (peer.ss_family) {
    case AF_UNIX: return true;
    case AF_INET:
      return ntohl(reinterpret_cast<const sockaddr_in&>(peer).sin_addr.s_addr) >> 24 ==
             IN_LOOPBACKNET;
    case AF_INET6: return is_loopback(reinterpret_cast<const sockaddr_in6&>(peer).sin6_addr);
    default: return false;
  }
}

}  // namespace bearer::net
