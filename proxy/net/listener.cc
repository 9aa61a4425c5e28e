#include "net/listener.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "net/resolver.h"

namespace bearer::net {
namespace {

constexpr int kBacklog = 4096;  // the kernel lowers it to net.core.somaxconn
// A port that is free on one address may be in use on the next.
constexpr int kPortTriesMax = 16;

base::Error unusable(const SocketAddress& address, int error) {
  std::string fix;
  if (error == EADDRINUSE) fix = "; another program listens there";
  if (error == EACCES) fix = "; ports below 1024 need rights";
  return {base::Errc::address_unusable,
          "cannot listen on " + address.text() + ": " + std::strerror(error) + fix};
}

base::Descriptor new_socket(int family) {
  return base::Descriptor(socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

/// -1 if there is none.
int option_of(int fd, int option) {
  int value = -1;
  socklen_t size = sizeof value;
  return getsockopt(fd, SOL_SOCKET, option, &value, &size) == 0 ? value : -1;
}

}  // namespace

int Listener::listen_on(const SocketAddress& address, std::vector<Listener>& listeners) {
  Listener made(new_socket(address.family()), address);
  if (!made.fd_.open()) return errno;
  const int on = 1;
  setsockopt(made.fd(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  // Each family has its own socket: `[::]` must not take IPv4's port as well.
  if (address.family() == AF_INET6) {
    setsockopt(made.fd(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  }
  if (bind(made.fd(), address.get(), address.size) != 0) return errno;
  if (listen(made.fd(), kBacklog) != 0) return errno;
  auto* taken = reinterpret_cast<sockaddr*>(&made.address_.storage);
  if (getsockname(made.fd(), taken, &made.address_.size) != 0) return errno;
  listeners.push_back(std::move(made));
  return 0;
}

base::Result<std::vector<Listener>> Listener::open_once(const SocketAddresses& addresses) {
  std::vector<Listener> listeners;
  base::Error absent{base::Errc::address_unusable, "no address to listen on"};
  for (SocketAddress address : addresses) {
    if (!listeners.empty()) address.set_port(listeners.front().address().port());
    // A hosts file may name an address twice.
    if (std::ranges::find(listeners, address, &Listener::address) != listeners.end()) continue;
    const int error = listen_on(address, listeners);
    if (error == 0) continue;
    absent = unusable(address, error);
    // `localhost` may stand for an IPv6 address that this machine does not have.
    if (error != EADDRNOTAVAIL && error != EAFNOSUPPORT) return absent;
  }
  if (listeners.empty()) return absent;
  return listeners;
}

base::Result<std::vector<Listener>> Listener::open(const SocketAddresses& addresses) {
  base::Result<std::vector<Listener>> opened = open_once(addresses);
  const bool any_port = addresses.front().port() == 0;
  for (int tries = 1; any_port && !opened && tries < kPortTriesMax; ++tries) {
    opened = open_once(addresses);
  }
  return opened;
}

base::Result<Listener> Listener::listen_on_path(const std::string& path, mode_t mode) {
  const SocketAddress address = unix_address(path);
  Listener made(new_socket(AF_UNIX), address);
  if (!made.fd_.open()) return unusable(address, errno);
  auto listening = UnixPath::listen(made.fd(), path, mode, kBacklog);
  if (!listening) return listening.error();
  made.unix_path_.emplace(std::move(*listening));
  return made;
}

base::Result<Listener> Listener::adopt(int fd) {
  const auto unfit = [](const char* what) {
    return base::Error{base::Errc::address_unusable, what};
  };
  SocketAddress address;
  address.size = sizeof address.storage;
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&address.storage), &address.size) != 0) {
    return unfit(errno == ENOTSOCK ? "is no socket" : "is not there");
  }
  if (address.family() == AF_UNIX) {
    // Without a path a socket has no permissions: any process of the machine could connect.
    if (address.text() == "unix:") return unfit("is an abstract one; give it a path");
  } else if (address.family() != AF_INET && address.family() != AF_INET6) {
    return unfit("is neither TCP's nor a unix socket");
  }
  if (option_of(fd, SO_TYPE) != SOCK_STREAM) return unfit("is not for streams (ListenStream=)");
  if (option_of(fd, SO_ACCEPTCONN) != 1) return unfit("does not listen; Accept=yes is not for us");
  fcntl(fd, F_SETFD, FD_CLOEXEC);
  fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
  return Listener(base::Descriptor(fd), address);
}

base::Result<std::vector<Listener>> Listener::open(const Address& address, mode_t mode) {
  std::vector<Listener> listeners;
  if (!address.path.empty()) {
    auto listener = listen_on_path(address.path, mode);
    if (!listener) return listener.error();
    listeners.push_back(std::move(*listener));
    return listeners;
  }
  const base::Result<SocketAddresses> addresses = resolve(address.host, address.port);
  if (!addresses) {
    return base::Error{base::Errc::address_unusable,
                       "cannot listen on " + address.text() + ": " + addresses.error().detail};
  }
  return open(*addresses);
}

}  // namespace bearer::net
