// A numeric address of a socket, as the kernel takes it.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

namespace bearer::net {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  int family() const { return storage.ss_family; }
  std::uint16_t port() const;  ///< 0 for a unix socket
  void set_port(std::uint16_t port);
  /// True for 127.0.0.0/8, also if it is mapped (RFC 4291 section 2.5.5.2), and for ::1.
  bool is_loopback() const;
  /// `127.0.0.1:8080`, `[::1]:8080`, `unix:/path`.
  std::string text() const;

  bool operator==(const SocketAddress& other) const {
    return size == other.size && std::memcmp(&storage, &other.storage, size) == 0;
  }
};

using SocketAddresses = std::vector<SocketAddress>;

/// The ends of a connection, as the kernel knows them; empty if it knows none.
SocketAddress own_address(int fd);
SocketAddress peer_address(int fd);

}  // namespace bearer::net
