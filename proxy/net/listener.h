// A socket that clients connect to.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/descriptor.h"
#include "base/result.h"
#include "net/address.h"
#include "net/socket_address.h"
#include "net/unix_path.h"

namespace bearer::net {

/// Listens for as long as it lives.
class Listener {
 public:
  /// Opens one listener for each address that `address.host` stands for. With port 0 they all use
  /// the same free port. A unix socket gets `mode`, and is removed with this object.
  /// Errc::address_unusable with the address and the system's reason.
  static base::Result<std::vector<Listener>> open(const Address& address, mode_t mode = 0600);
  /// The same for the addresses of a name. Those that this machine does not have are left out, as
  /// long as one is left. REQUIRES: one address at least, and all with the same port.
  static base::Result<std::vector<Listener>> open(const SocketAddresses& addresses);

  /// Takes over a socket that another process has bound. A unix socket's file is not removed with
  /// this object. Errc::address_unusable, which says what `fd` is instead of a listening stream
  /// socket; `fd` is not closed then.
  static base::Result<Listener> adopt(int fd);

  int fd() const { return fd_.get(); }
  /// Includes the port that was chosen.
  const SocketAddress& address() const { return address_; }

 private:
  Listener(base::Descriptor fd, const SocketAddress& address)
      : fd_(std::move(fd)), address_(address) {}
  static base::Result<std::vector<Listener>> open_once(const SocketAddresses& addresses);
  /// Adds a listener to `listeners`. Returns 0 or the errno.
  static int listen_on(const SocketAddress& address, std::vector<Listener>& listeners);
  static base::Result<Listener> listen_on_path(const std::string& path, mode_t mode);

  base::Descriptor fd_;
  SocketAddress address_;
  // The last member, so that the file goes first. While we listen, nobody takes it for a dead
  // server's.
  std::optional<UnixPath> unix_path_;
};

}  // namespace bearer::net
