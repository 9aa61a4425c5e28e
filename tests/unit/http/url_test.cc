#include "http/url.h"

#include <doctest/doctest.h>

using namespace bearer::http;
using bearer::base::Errc;

TEST_CASE("a URL is taken apart") {
  struct {
    const char* text;
    Url expected;
  } const cases[] = {
      {"https://api.example.com", {true, "api.example.com", 443, ""}},
      {"HTTP://API.Example.COM/V2/", {false, "api.example.com", 80, "/V2/"}},
      {"https://h:8443/a?b=c&d", {true, "h", 8443, "/a?b=c&d"}},
      {"https://h?b=c", {true, "h", 443, "/?b=c"}},
      {"http://127.0.0.1:1", {false, "127.0.0.1", 1, ""}},
      {"http://h:/x", {false, "h", 80, "/x"}},
      {"http://h:080/", {false, "h", 80, "/"}},
      {"http://[::1]:8080/x", {false, "::1", 8080, "/x"}},
      {"https://[2001:DB8::1]", {true, "2001:db8::1", 443, ""}},
      {"https://h/a@b:c", {true, "h", 443, "/a@b:c"}},
      {"https://my_host/%2e%2E", {true, "my_host", 443, "/%2e%2E"}},
  };
  for (const auto& c : cases) {
    CAPTURE(c.text);
    const auto url = parse_url(c.text);
    REQUIRE(url.has_value());
    CHECK(*url == c.expected);
  }
}

TEST_CASE("a URL that cannot be used is refused with the reason") {
  struct {
    const char* text;
    const char* says;
  } const cases[] = {
      {"", "https://"},
      {"api.example.com", "https://"},
      {"//api.example.com", "https://"},
      {"ftp://h/", "https://"},
      {"https:/h", "https://"},
      {"https://", "host"},
      {"https:///x", "host"},
      {"https://:443", "host"},
      {"https://a,b/", "host"},
      {"https://h%41/", "host"},
      {"https://[::1", "host"},
      {"https://[::g]/", "host"},
      {"https://[]/", "host"},
      {"https://[::1]x/", "port"},
      {"https://h:0/", "port"},
      {"https://h:65536/", "port"},
      {"https://h:-1/", "port"},
      {"https://h:8 0/", "space"},
      {"https://h:1:2/", "port"},
      {"https://::1/", "host"},
      {"https://h/a b", "space"},
      {"https://h/\r\nX: y", "control"},
      {"https://h\\@evil/", "backslash"},
      {"https://h\xc3\xa4/", "non-ASCII"},
      {"https://h/#top", "fragment"},
      {"https://user:pw@h/", "user information"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.text);
    const auto url = parse_url(c.text);
    REQUIRE_FALSE(url.has_value());
    CHECK(url.error().code == Errc::request_malformed);
    CHECK(url.error().detail.find(c.says) != std::string::npos);
  }
}

TEST_CASE("the reason for a refused URL never shows a password in it") {
  const auto url = parse_url("https://user:hunter2@h/");
  REQUIRE_FALSE(url.has_value());
  CHECK(url.error().detail.find("hunter2") == std::string::npos);
}

TEST_CASE("a URL is written with the default port left out and IPv6 in brackets") {
  struct {
    const char* text;
    const char* authority;
    const char* written;
  } const cases[] = {
      {"https://H:443/x?y", "h", "https://h/x?y"},
      {"http://h:80", "h", "http://h"},
      {"http://h:443", "h:443", "http://h:443"},
      {"https://h:80/", "h:80", "https://h:80/"},
      {"http://[::1]:80/", "[::1]", "http://[::1]/"},
      {"http://[::1]:8080/", "[::1]:8080", "http://[::1]:8080/"},
  };
  for (const auto& c : cases) {
    const auto url = parse_url(c.text);
    REQUIRE(url.has_value());
    CHECK(url->authority() == c.authority);
    CHECK(url->text() == c.written);
  }
}
