#include "base/host.h"

#include <doctest/doctest.h>

#include <string_view>

using bearer::base::is_loopback;

TEST_CASE("loopback is known by name and by address") {
  for (const char* host :
       {"localhost", "LOCALHOST", "api.localhost", "127.0.0.1", "127.255.0.9", "::1"}) {
    CAPTURE(host);
    CHECK(is_loopback(host));
  }
  for (const char* host :
       {"", "example.com", "localhost.example.com", "xlocalhost", ".localhost", ".localhos",
        "128.0.0.1", "127.0.0.1.example.com", "127.1", "::2", "0.0.0.0", "::"}) {
    CAPTURE(host);
    CHECK_FALSE(is_loopback(host));
  }
  CHECK_FALSE(is_loopback(std::string_view("127.0.0.1\0.example.com", 22)));
}
