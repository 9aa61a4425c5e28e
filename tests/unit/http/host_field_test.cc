#include "http/host_field.h"

#include <doctest/doctest.h>

#include <string>

#include "http/head_parser.h"

using namespace bearer::http;
using namespace std::string_literals;

TEST_CASE("a host is a name or an address, with a port or without") {
  struct Case {
    std::string_view value;
    Host host;
  };
  for (const Case& c : {
           Case{"localhost", {"localhost", 0}},
           Case{"localhost:8080", {"localhost", 8080}},
           Case{"API.Example.com", {"API.Example.com", 0}},
           Case{"api.example.com.:443", {"api.example.com", 443}},
           Case{"localhost.", {"localhost", 0}},
           Case{"a..", {"a..", 0}},
           Case{".", {".", 0}},
           Case{"my_host-1~", {"my_host-1~", 0}},
           Case{"127.0.0.1:65535", {"127.0.0.1", 65535}},
           Case{"[::1]", {"::1", 0}},
           Case{"[2001:DB8::7]:80", {"2001:DB8::7", 80}},
           Case{"[::ffff:127.0.0.1]:1", {"::ffff:127.0.0.1", 1}},
       }) {
    CAPTURE(c.value);
    const auto host = parse_host(c.value);
    REQUIRE(host.has_value());
    CHECK(*host == c.host);
  }
}

TEST_CASE("a host is the name that it spells, in any case, with a dot at its end or without") {
  const auto host = parse_host("API.example.com.:8443");
  REQUIRE(host.has_value());
  CHECK(host->is("api.Example.com"));
  CHECK(host->is("api.example.com."));
  CHECK_FALSE(host->is("api.example.com.."));
  CHECK_FALSE(host->is("api.example.co"));
  CHECK_FALSE(host->is(""));
}

TEST_CASE("what is no host[:port] is refused") {
  for (const std::string& value : {""s,           "[::1]."s,  ":80"s,    "a:"s,     "a:0"s,
                                   "a:65536"s,    "a:-1"s,    "a:+80"s,  "a:80x"s,  "a: 80"s,
                                   "a:80:80"s,    "a b"s,     "a,b"s,    "a, b"s,   "user@a"s,
                                   "user:pw@a"s,  "a/b"s,     "a?b"s,    "a#b"s,    "a\\b"s,
                                   "http://a"s,   "a%00"s,    "a\0b"s,   "a\tb"s,   "caf\xc3\xa9"s,
                                   "a;b"s,        "a=b"s,     "*"s,      "::1"s,    "[::1"s,
                                   "::1]"s,       "[]"s,      "[a]"s,    "[1234]"s, "[::1%eth0]"s,
                                   "[::1x:80"s,   "[::1]80"s, "[::1]:"s, "[::1]x"s, "[[::1]]"s,
                                   "[::1]:80:80"s}) {
    CAPTURE(value);
    CHECK_FALSE(parse_host(value).has_value());
  }
}

TEST_CASE("a request has exactly one Host, but HTTP/1.0 may go without") {
  struct Case {
    std::string lines;
    HeadFault http_1_1, http_1_0;
  };
  for (const Case& c : {
           Case{"Host: a:1\r\n", HeadFault::none, HeadFault::none},
           Case{"", HeadFault::host_missing, HeadFault::none},
           Case{"X-Host: a\r\n", HeadFault::host_missing, HeadFault::none},
           Case{"Host: a\r\nhost: a\r\n", HeadFault::host_repeated, HeadFault::host_repeated},
           Case{"Host: a\r\nHost: b\r\n", HeadFault::host_repeated, HeadFault::host_repeated},
           Case{"Host:\r\n", HeadFault::host_malformed, HeadFault::host_malformed},
           Case{"Host: a, b\r\n", HeadFault::host_malformed, HeadFault::host_malformed},
           Case{"Host: u@a\r\n", HeadFault::host_malformed, HeadFault::host_malformed},
       }) {
    CAPTURE(c.lines);
    RequestHead head;
    Host host;
    const std::string new_head = "GET / HTTP/1.1\r\n" + c.lines + "\r\n";
    REQUIRE(parse_request_head(new_head, head) == HeadFault::none);
    CHECK(request_host(head, host) == c.http_1_1);
    const std::string old_head = "GET / HTTP/1.0\r\n" + c.lines + "\r\n";
    REQUIRE(parse_request_head(old_head, head) == HeadFault::none);
    host = {"left over", 1};
    CHECK(request_host(head, host) == c.http_1_0);
    CHECK(host == (c.lines == "Host: a:1\r\n" ? Host{"a", 1} : Host{}));
  }
}

TEST_CASE("a request is addressed to the absolute form's authority, else to the Host field's") {
  struct Case {
    std::string_view target;
    HeadFault fault;
    std::string_view authority;
  };
  for (const Case& c : {
           Case{"/x", HeadFault::none, "Field:1"},
           Case{"*", HeadFault::none, "Field:1"},
           Case{"no target", HeadFault::none, "Field:1"},
           Case{"http://target:2/x", HeadFault::none, "target:2"},
           Case{"HTTP://target:2", HeadFault::none, "target:2"},
           Case{"https://target:2/x", HeadFault::none, "target:2"},
           Case{"HttpS://target.", HeadFault::none, "target."},
           Case{"ftp://target:2/x", HeadFault::target_malformed, ""},
           Case{"httpss://target:2/x", HeadFault::target_malformed, ""},
           Case{"https://u@target/x", HeadFault::target_host_malformed, ""},
           Case{"http://u@target/x", HeadFault::target_host_malformed, ""},
       }) {
    CAPTURE(c.target);
    RequestHead head;
    const std::string bytes = "GET / HTTP/1.1\r\nHost: Field:1\r\n\r\n";
    REQUIRE(parse_request_head(bytes, head) == HeadFault::none);
    Host host;
    std::string_view authority;
    const auto fault = addressed(head, bearer::http::parse_target(c.target), host, authority);
    CHECK(fault == c.fault);
    if (fault != HeadFault::none) continue;
    CHECK(authority == c.authority);
    CHECK(host == parse_host(c.authority));
  }
}

TEST_CASE("a target's authority does not make up for a missing Host field") {
  RequestHead head;
  const std::string bytes = "GET / HTTP/1.1\r\n\r\n";
  REQUIRE(parse_request_head(bytes, head) == HeadFault::none);
  Host host;
  std::string_view authority;
  const auto target = bearer::http::parse_target("http://target/");
  CHECK(addressed(head, target, host, authority) == HeadFault::host_missing);
}
