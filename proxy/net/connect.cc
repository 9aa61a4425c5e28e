#include "net/connect.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
#include <string>
#include <utility>

#include "base/advice.h"
#include "base/descriptor.h"
#include "net/tcp_stream.h"

namespace bearer::net {
namespace {

/// True if this machine has an address from which to reach `to`. A datagram's socket takes one, and
/// a port of its own, without sending anything.
bool has_source_for(const SocketAddress& to) {
  const base::Descriptor probe(socket(to.family(), SOCK_DGRAM | SOCK_CLOEXEC, 0));
  return probe.open() && ::connect(probe.get(), to.get(), to.size) == 0;
}

base::Error failure(int error, const SocketAddress& to) {
  if (lacks_descriptor(error)) return descriptors_used_up(error);
  const std::string what = std::strerror(error);
  if (error == EADDRNOTAVAIL && has_source_for(to)) {
    return {base::Errc::descriptors_used_up, what + ": no local port is left for it",
            base::advice_on(base::Trouble::ports_used_up)};
  }
  // A server, or a balancer without one, may take a connection only to reset it at once.
  const bool refused = error == ECONNREFUSED || error == ECONNRESET || error == EPIPE;
  return {refused ? base::Errc::connect_refused : base::Errc::connect_unreachable, what};
}

base::Error gave_up(Wake woke) {
  if (woke == Wake::peer_closed) return {base::Errc::client_left, ""};
  return {base::Errc::connect_timeout, "connecting"};
}

}  // namespace

bool lacks_descriptor(int error) {
  return error == EMFILE || error == ENFILE;
}

base::Error descriptors_used_up(int error) {
  return {base::Errc::descriptors_used_up, std::string(std::strerror(error)) + " here",
          base::advice_on(base::Trouble::descriptors_used_up)};
}

Task<base::Result<std::unique_ptr<Stream>>> connect(Loop& loop, SocketAddress address, Wait wait) {
  const int fd = socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) co_return failure(errno, address);
  if (::connect(fd, address.get(), address.size) != 0 && errno != EINPROGRESS) {
    const int error = errno;
    close(fd);
    co_return failure(error, address);
  }
  std::unique_ptr<TcpStream> stream = TcpStream::open(loop, fd);
  if (!stream) co_return failure(errno, address);
  stream->set_waiter(&wait.sleeper);
  while (!stream->connect_ended()) {
    const Wake woke = co_await wait.next();
    if (stream->connect_ended()) break;
    if (woke != Wake::ready) co_return gave_up(woke);
  }
  const int error = stream->connect_error();
  if (error != 0) co_return failure(error, address);
  std::unique_ptr<Stream> connected = std::move(stream);
  co_return connected;
}

}  // namespace bearer::net
