#include "base/host.h"

#include <doctest/doctest.h>

#include <string_view>

using bearer::base::is_link_local;
using bearer::base::is_loopback;
using bearer::base::is_metadata_host;
using bearer::base::is_private;

TEST_CASE("loopback is known by name and by address") {
  for (const char* host :
       {"localhost", "LOCALHOST", "Localhost.", "api.localhost", "a.b.localhost.", "127.0.0.1",
        "127.255.0.9", "::1", "0:0:0:0:0:0:0:1", "0000::0001", "::0.0.0.1", "::ffff:127.3.0.1"}) {
    CAPTURE(host);
    CHECK(is_loopback(host));
  }
  for (const char* host :
       {"", "example.com", "localhost.example.com", "xlocalhost", ".localhost", ".localhos",
        "localhost..", ".", "127.0.0.1.", "[::1]", "::1%lo", "1::1", "::ffff:128.0.0.1",
        "128.0.0.1", "127.0.0.1.example.com", "127.1", "::2", "0.0.0.0", "::"}) {
    CAPTURE(host);
    CHECK_FALSE(is_loopback(host));
  }
  CHECK_FALSE(is_loopback(std::string_view("127.0.0.1\0.example.com", 22)));
}

TEST_CASE("loopback has one plain spelling, and no other host is touched") {
  const auto plain = [](const char* host) { return bearer::base::plain_loopback(host); };
  for (const char* name : {"localhost", "LocalHost.", "api.localhost", "a.b.localhost."}) {
    CHECK(plain(name) == "localhost");
  }
  for (const char* six : {"::1", "0:0:0:0:0:0:0:1", "0000::0001", "::0.0.0.1"}) {
    CHECK(plain(six) == "::1");
  }
  CHECK(plain("::ffff:127.0.0.1") == "127.0.0.1");
  CHECK(plain("::FFFF:7f00:2") == "127.0.0.2");
  for (const char* other : {"", "127.0.0.1", "127.9.0.1", "Example.com.", "::2", "::", "0.0.0.0",
                            "::ffff:10.0.0.1", "localhost.example.com"}) {
    CHECK(plain(other) == other);
  }
}

TEST_CASE("addresses of the link and of metadata servers are known, and nothing like them") {
  for (const char* host : {"169.254.169.254", "169.254.0.1", "169.254.170.2", "fe80::1", "febf::1",
                           "fd00:ec2::254", "fd20:ce::254"}) {
    CAPTURE(host);
    CHECK(is_link_local(host));
    CHECK(is_metadata_host(host));
  }
  for (const char* host :
       {"", "169.253.1.1", "169.255.1.1", "169.254.169.254.example.com", "fec0::1", "fd00:ec2::255",
        "metadata", "127.0.0.1", "::1", "metadata.google.internal.example.com"}) {
    CAPTURE(host);
    CHECK_FALSE(is_link_local(host));
    CHECK_FALSE(is_metadata_host(host));
  }
  CHECK(is_metadata_host("metadata.google.internal"));
  CHECK_FALSE(is_link_local("metadata.google.internal"));
  CHECK_FALSE(is_link_local(std::string_view("169.254.1.1\0.example.com", 24)));
}

TEST_CASE("private networks are known") {
  for (const char* host : {"10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.9.9", "fd12::1"}) {
    CAPTURE(host);
    CHECK(is_private(host));
  }
  for (const char* host : {"11.0.0.1", "172.15.0.1", "172.32.0.1", "192.169.0.1", "fe00::1", "a",
                           "10.0.0.1.example.com"}) {
    CAPTURE(host);
    CHECK_FALSE(is_private(host));
  }
}
