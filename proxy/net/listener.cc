#include "net/listener.h"

#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
#include <utility>

#include "net/resolver.h"

namespace bearer::net {
namespace {

constexpr int kBacklog = 4096;  // the kernel lowers it to net.core.somaxconn

base::Error unusable(const SocketAddress& address, int error) {
  std::string mend;
  if (error == EADDRINUSE) mend = "; another program listens there: choose another --listen";
  if (error == EACCES) mend = "; ports below 1024 need rights: choose a higher one";
  return {base::Errc::address_unusable,
          "cannot listen on " + address.text() + ": " + std::strerror(error) + mend};
}

}  // namespace

Listener::Listener(Listener&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), address_(other.address_) {}

Listener& Listener::operator=(Listener&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(address_, other.address_);
  return *this;
}

Listener::~Listener() {
  if (fd_ >= 0) close(fd_);
}

base::Result<Listener> Listener::listen_on(SocketAddress address) {
  Listener made(socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), address);
  if (made.fd_ < 0) return unusable(address, errno);
  const int on = 1;
  setsockopt(made.fd_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  // Each family has its own socket: `[::]` must not take IPv4's port as well.
  if (address.family() == AF_INET6) {
    setsockopt(made.fd_, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  }
  if (bind(made.fd_, address.get(), address.size) != 0) return unusable(address, errno);
  if (listen(made.fd_, kBacklog) != 0) return unusable(address, errno);
  auto* taken = reinterpret_cast<sockaddr*>(&made.address_.storage);
  if (getsockname(made.fd_, taken, &made.address_.size) != 0) return unusable(address, errno);
  return made;
}

base::Result<std::vector<Listener>> Listener::open(const Address& address) {
  base::Result<SocketAddresses> addresses = resolve(address.host, address.port);
  if (!addresses) {
    return base::Error{base::Errc::address_unusable,
                       "cannot listen on " + address.text() + ": " + addresses.error().detail};
  }
  std::vector<Listener> listeners;
  base::Error last{base::Errc::address_unusable, address.text() + " has no address"};
  for (SocketAddress& one : *addresses) {
    if (address.port == 0 && !listeners.empty()) one.set_port(listeners.front().address().port());
    base::Result<Listener> listener = listen_on(one);
    if (listener) {
      listeners.push_back(std::move(*listener));
    } else {
      last = listener.error();
      // `localhost` may stand for an IPv6 address that this machine does not have.
      if (listeners.empty() && addresses->size() == 1) return last;
    }
  }
  if (listeners.empty()) return last;
  return listeners;
}

}  // namespace bearer::net
