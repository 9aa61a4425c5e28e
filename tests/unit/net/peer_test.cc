#include "net/peer.h"

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <optional>

#include "tests/support/raw_socket.h"

using namespace bearer;

TEST_CASE("a unix socket's peer is of this machine, and has a user") {
  int ends[2];
  REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
  CHECK(net::peer_is_local(ends[0]));
  CHECK(net::peer_uid(ends[0]) == getuid());
  const unsigned self = getuid(), other = self + 1;
  CHECK(net::is_welcome(self, {}));
  CHECK(net::is_welcome(self, std::array{other, self}));
  CHECK_FALSE(net::is_welcome(self, std::array{other}));
  close(ends[0]);
  close(ends[1]);
}

TEST_CASE("what is not connected has no peer") {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  CHECK_FALSE(net::peer_is_local(fd));
  CHECK_FALSE(net::peer_uid(fd));
  CHECK(net::is_welcome(std::nullopt, std::array{getuid() + 1}));
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
