#include "tests/sandbox/connection.h"

#include <linux/sockios.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>

#include "tests/sandbox/encoding.h"

namespace bearer::sandbox {

namespace {

constexpr std::chrono::seconds kDeliveryMax{5};

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

int the_connection(int local_port, int peer_port) {
  const auto fd = find_connection(local_port, peer_port);
  if (!fd) throw std::runtime_error("the connection was not found");
  return *fd;
}

/// Bytes that the other end's kernel has not acknowledged.
int unsent(int fd) {
  int bytes = 0;
  if (ioctl(fd, SIOCOUTQ, &bytes) != 0) {
    throw std::runtime_error(std::string("cannot ask what is not sent: ") + std::strerror(errno));
  }
  return bytes;
}

}  // namespace

void await_delivery(int local_port, int peer_port) {
  const int fd = the_connection(local_port, peer_port);
  const auto deadline = std::chrono::steady_clock::now() + kDeliveryMax;
  while (unsent(fd) > 0 && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

void reset_connection(int local_port, int peer_port) {
  const int fd = the_connection(local_port, peer_port);
  // Linux takes a connect to no address for a disconnect, and tells the peer with a RST.
  sockaddr none{};
  none.sa_family = AF_UNSPEC;
  if (connect(fd, &none, sizeof none) != 0) {
    throw std::runtime_error(std::string("cannot reset a connection: ") + std::strerror(errno));
  }
}

}  // namespace bearer::sandbox
