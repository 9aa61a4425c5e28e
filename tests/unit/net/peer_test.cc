#include "net/peer.h"

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

#include "tests/support/raw_socket.h"

namespace net_peer_test {

using namespace bearer;

TEST_CASE("a unix socket's peer is of this machine, and has a user") {
  int ends[2];
  REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
  CHECK(net::peer_is_local(ends[0]));
  CHECK(net::peer_uid(ends[0]) == getuid());
  const unsigned self = getuid(), other = self + 1;
  CHECK_FALSE(net::refused_peer(ends[0], {}));
  CHECK_FALSE(net::refused_peer(ends[0], std::array{other, self}));
  CHECK(net::refused_peer(ends[0], std::array{other}) == self);
  close(ends[0]);
  close(ends[1]);
}

TEST_CASE("what is not connected has no peer") {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  CHECK_FALSE(net::peer_is_local(fd));
  CHECK_FALSE(net::peer_uid(fd));
  CHECK_FALSE(net::refused_peer(fd, std::array{getuid() + 1}));
  close(fd);
}

TEST_CASE("a loopback address is of this machine, and has no user") {
  test::RawListener listener;
  const test::RawSocket client = test::RawSocket::connect(listener.port());
  const int fd = accept4(listener.fd(), nullptr, nullptr, SOCK_CLOEXEC);
  CHECK(net::peer_is_local(fd));
  CHECK_FALSE(net::peer_uid(fd));
  close(fd);
}

}  // namespace net_peer_test
