#include "tests/sandbox/connection.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstring>
#include <filesystem>
#include <optional>
#include <stdexcept>

#include "tests/sandbox/encoding.h"

namespace bearer::sandbox {

namespace {

using NameOf = int (*)(int, sockaddr*, socklen_t*);

/// The port of the end that getsockname or getpeername names; -1 if `fd` is no TCP socket.
int port_of(int fd, NameOf name_of) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (name_of(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) return -1;
  if (address.ss_family == AF_INET) {
    return ntohs(reinterpret_cast<const sockaddr_in&>(address).sin_port);
  }
  if (address.ss_family == AF_INET6) {
    return ntohs(reinterpret_cast<const sockaddr_in6&>(address).sin6_port);
  }
  return -1;
}

/// cpp-httplib hands out no socket, so it is looked for among the process's open files.
std::optional<int> find_connection(int local_port, int peer_port) {
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    const auto fd = parse_number(entry.path().filename().string());
    if (!fd) continue;
    const int candidate = static_cast<int>(*fd);
    if (port_of(candidate, getpeername) == peer_port &&
        port_of(candidate, getsockname) == local_port) {
      return candidate;
    }
  }
  return std::nullopt;
}

}  // namespace

void reset_connection(int local_port, int peer_port) {
  const auto fd = find_connection(local_port, peer_port);
  if (!fd) throw std::runtime_error("the connection to reset was not found");
  // Linux takes a connect to no address for a disconnect, and tells the peer with a RST.
  sockaddr none{};
  none.sa_family = AF_UNSPEC;
  if (connect(*fd, &none, sizeof none) != 0) {
    throw std::runtime_error(std::string("cannot reset a connection: ") + std::strerror(errno));
  }
}

}  // namespace bearer::sandbox
