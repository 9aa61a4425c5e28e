#include "net/address.h"

#include <doctest/doctest.h>

#include <string>

using namespace bearer;

TEST_CASE("an address is a host and a port") {
  struct Case {
    std::string_view text, host;
    std::uint16_t port;
    std::string_view spelled;
  };
  const Case cases[] = {
      {"127.0.0.1:8080", "127.0.0.1", 8080, "127.0.0.1:8080"},
      {"localhost:0", "localhost", 0, "localhost:0"},
      {"LocalHost:65535", "localhost", 65535, "localhost:65535"},
      {"[::1]:8080", "::1", 8080, "[::1]:8080"},
      {"[0:0:0:0:0:0:0:1]:1", "::1", 1, "[::1]:1"},
      {"[2001:DB8::A]:80", "2001:db8::a", 80, "[2001:db8::a]:80"},
      {"0.0.0.0:80", "0.0.0.0", 80, "0.0.0.0:80"},
      {"my-host.example.com:80", "my-host.example.com", 80, "my-host.example.com:80"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.text);
    const auto address = net::parse_address(c.text);
    REQUIRE(address.has_value());
    CHECK(address->host == c.host);
    CHECK(address->port == c.port);
    CHECK(address->text() == c.spelled);
    CHECK(net::parse_address(address->text()).value() == *address);
  }
}

TEST_CASE("a unix socket's address is its path, byte for byte") {
  for (const std::string path : {"/run/Bearer Proxy/http.sock", "relative.sock", "/a:80"}) {
    CAPTURE(path);
    const auto address = net::parse_address("unix:" + path);
    REQUIRE(address.has_value());
    CHECK(address->path == path);
    CHECK(address->host.empty());
    CHECK(address->text() == "unix:" + path);
  }
  CHECK(net::parse_address("unix:" + std::string(107, 'x')).has_value());
  const auto long_path = net::parse_address("unix:" + std::string(108, 'x'));
  REQUIRE(long_path.has_error());
  CHECK(long_path.error().detail.find("107 bytes") != std::string::npos);
}

TEST_CASE("what is not an address says why") {
  struct Case {
    std::string_view text, why;
  };
  const Case cases[] = {
      {"", "has no port"},
      {"8080", "has no host"},
      {"http://127.0.0.1:9180", "is a URL; write host:port alone"},
      {"localhost", "has no port"},
      {"localhost:", "from 0 to 65535"},
      {"localhost:http", "from 0 to 65535"},
      {"localhost:65536", "from 0 to 65535"},
      {"localhost:-1", "from 0 to 65535"},
      {"localhost: 80", "from 0 to 65535"},
      {":8080", "has no host"},
      {"::1:8080", "in brackets"},
      {"[::1]", "has no port from"},
      {"[::1:8080", "in brackets"},
      {"[]:80", "between its brackets"},
      {"[localhost]:80", "between its brackets"},
      {"127.0.0.256:80", "neither an address nor a name"},
      {"127.1:80", "neither an address nor a name"},
      {"a b:80", "neither an address nor a name"},
      {".a:80", "neither an address nor a name"},
      {"http://localhost:80/", "is a URL; write host:port alone"},
      {"unix:", "names no path"},
      {std::string_view("unix:/a\0b", 9), "NUL"},
      {std::string_view("a\0b:80", 6), "neither an address nor a name"},
      {std::string_view("[::1\0]:80", 9), "between its brackets"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.text);
    const auto address = net::parse_address(c.text);
    REQUIRE(address.has_error());
    CHECK(address.error().code == base::Errc::address_unusable);
    CHECK(address.error().detail.find(c.why) != std::string::npos);
  }
  CHECK(net::parse_address(std::string(300, 'a') + ":80").has_error());
}

TEST_CASE("an address of loopback or a unix socket is reached from this machine alone") {
  for (const char* text : {"127.0.0.1:1", "[::1]:1", "localhost:0", "unix:/run/proxy.sock"}) {
    CAPTURE(text);
    CHECK(net::parse_address(text)->is_local());
  }
  for (const char* text : {"0.0.0.0:1", "[::]:1", "192.0.2.1:1", "example.com:1"}) {
    CAPTURE(text);
    CHECK_FALSE(net::parse_address(text)->is_local());
  }
}
