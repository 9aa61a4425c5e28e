#include "net/socket_address.h"

#include <doctest/doctest.h>

#include "net/resolver.h"

using namespace bearer;

TEST_CASE("a socket address is spelled with its port, which can be changed") {
  for (const char* host : {"127.0.0.1", "::1"}) {
    net::SocketAddress address = net::resolve(host, 80)->front();
    CHECK(address.port() == 80);
    address.set_port(8443);
    CHECK(address.port() == 8443);
    CHECK(address.text() == (address.family() == AF_INET6 ? "[::1]:8443" : "127.0.0.1:8443"));
    CHECK(address == net::resolve(host, 8443)->front());
    CHECK_FALSE(address == net::resolve(host, 80)->front());
  }
  CHECK_FALSE(net::resolve("127.0.0.1", 80)->front() == net::resolve("127.0.0.2", 80)->front());
}
