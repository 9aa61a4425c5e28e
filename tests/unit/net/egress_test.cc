#include "net/egress.h"

#include <doctest/doctest.h>

using namespace bearer;

TEST_CASE("NO_PROXY exempts hosts, domains, addresses and networks; loopback always is") {
  const net::EgressOptions options{
      {"p", 3128},
      {"a.example", ".b.example", "10.0.0.0/8", "192.168.1.7", "fd00::/8", "172.16.0.0/12"}};
  for (const char* host : {"a.example", "x.a.example", "A.Example", "b.example", "x.b.example",
                           "10.1.2.3", "192.168.1.7", "fd12::1", "172.31.255.255", "localhost",
                           "x.localhost", "127.0.0.1", "::1"}) {
    CAPTURE(host);
    CHECK_FALSE(options.proxy_for(host).used());
  }
  for (const char* host : {"example", "xa.example", "a.example.com", "11.1.2.3", "192.168.1.70",
                           "fe00::1", "172.32.0.1", "c.example"}) {
    CAPTURE(host);
    CHECK(options.proxy_for(host).host == "p");
  }
  CHECK_FALSE(net::EgressOptions{{"p", 1}, {"*"}}.proxy_for("c.example").used());
  CHECK(net::EgressOptions{{"p", 1}, {"", ".", "10.0.0.1/99", "/8"}}.proxy_for("10.0.0.1").used());
}

TEST_CASE("a metadata server is never asked through a proxy") {
  const net::EgressOptions options{{"p", 3128}, {}};
  for (const char* host : {"169.254.169.254", "fd00:ec2::254", "metadata.google.internal"}) {
    CAPTURE(host);
    CHECK_FALSE(options.proxy_for(host).used());
  }
}
