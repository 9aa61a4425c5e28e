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

TEST_CASE("loopback is told from all others, mapped ones too") {
  const auto address = [](const char* host) { return net::resolve(host, 80)->front(); };
  for (const char* host : {"127.0.0.1", "127.255.255.254", "::1", "::ffff:127.3.2.1"}) {
    CAPTURE(host);
    CHECK(address(host).is_loopback());
  }
  for (const char* host : {"128.0.0.1", "126.255.255.255", "0.0.0.0", "::", "::2", "::127.0.0.1",
                           "::ffff:10.0.0.1", "2001:db8::1"}) {
    CAPTURE(host);
    CHECK_FALSE(address(host).is_loopback());
  }
  CHECK_FALSE(net::SocketAddress{}.is_loopback());
}
