// A TcpStream on one end of a connection, and the other end as a plain descriptor.
#pragma once

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "net/listener.h"
#include "net/loop.h"
#include "net/outbox.h"
#include "net/tcp_stream.h"
#include "tests/support/owned_loop.h"
#include "tests/unit/net/read_text.h"

namespace bearer::test {

struct SocketPair {
  enum class Kind { local, tcp };

  explicit SocketPair(Kind kind = Kind::local) {
    std::array<int, 2> ends{-1, -1};
    if (kind == Kind::local) {
      REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends.data()) == 0);
    } else {
      const auto listeners = net::Listener::open(net::Address{"127.0.0.1", 0});
      const net::SocketAddress& address = listeners->front().address();
      ends[0] = socket(AF_INET, SOCK_STREAM, 0);
      REQUIRE(connect(ends[0], address.get(), address.size) == 0);
      REQUIRE(fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0);
      ends[1] = accept(listeners->front().fd(), nullptr, nullptr);
    }
    own = ends[0];
    peer = ends[1];
    stream = net::TcpStream::open(owned.loop(), ends[0]);
    REQUIRE(stream != nullptr);
    stream->set_waiter(&sleeper);
    owned.turn();
  }
  ~SocketPair() { close_peer(); }

  void say(std::string_view bytes) {
    REQUIRE(send(peer, bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
            static_cast<ssize_t>(bytes.size()));
  }
  void close_peer() {
    if (peer >= 0) close(peer);
    peer = -1;
  }
  std::string read(std::size_t size) { return read_text(*stream, size); }
  net::Io write(std::string_view bytes) {
    const iovec parts[] = {net::part(bytes)};
    return stream->write(parts);
  }

  OwnedLoop owned;
  net::Sleeper sleeper{owned.loop()};
  std::unique_ptr<net::TcpStream> stream;
  int own = -1;  ///< the stream's
  int peer = -1;
};

}  // namespace bearer::test
