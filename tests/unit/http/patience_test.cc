#include "http/patience.h"

#include <doctest/doctest.h>

#include <chrono>
#include <map>
#include <string_view>

#include "tests/unit/http/field_list.h"

using namespace bearer;
using namespace std::chrono_literals;
using http::keep_alive_timeout;
using http::prefer_wait;
using http::test::Fields;

TEST_CASE("Prefer: wait is found among other preferences") {
  const std::map<std::string_view, base::Duration> cases{
      {"wait=10", 10s},
      {"Wait=0", 0s},
      {"respond-async, wait=10", 10s},
      {"wait=10, respond-async", 10s},
      {"wait = 10", 10s},
      {"wait=\"10\"", 10s},
      {"wait=10; foo=bar", 10s},
      {"return=minimal; foo=\"a, wait=5\", wait=10", 10s},
      {"wait=1, wait=2", 1s},
      {"wait=soon, wait=2", 2s},
      {"wait=99999999999999999999999", std::chrono::years(10)},
      {"wait=9223372036854775807", std::chrono::years(10)},
  };
  for (const auto& [value, expected] : cases) {
    CAPTURE(value);
    CHECK(prefer_wait(Fields{{"Prefer", value}}) == expected);
  }
}

TEST_CASE("a malformed wait, or none, asks for nothing") {
  for (const char* value :
       {"", "wait", "wait=", "wait=-1", "wait=1.5", "wait=1s", "wait=x", "waits=1", "respond-async",
        "foo=bar; wait=1", "foo=\"wait=1\"", ",,;=\"\\"}) {
    CAPTURE(value);
    CHECK_FALSE(prefer_wait(Fields{{"Prefer", value}}));
  }
  CHECK_FALSE(prefer_wait(Fields{{"X-Prefer", "wait=1"}}));
}

TEST_CASE("the first of several Prefer fields wins") {
  CHECK(prefer_wait(
            Fields{{"Prefer", "respond-async"}, {"Prefer", "wait=3"}, {"Prefer", "wait=4"}}) == 3s);
}

TEST_CASE("Keep-Alive: timeout is found among other parameters") {
  const std::map<std::string_view, base::Duration> cases{
      {"timeout=5", 5s},
      {"timeout=5, max=100", 5s},
      {"max=3, timeout=7", 7s},
      {"max=3,timeout=7", 7s},
      {"Timeout = 60", 60s},
      {"timeout=\"15\"", 15s},
      {"timeout=0", 0s},
      {"timeout=05", 5s},
      {"max=\"a, timeout=5\", timeout=10", 10s},
      {"timeout=soon, timeout=2", 2s},
      {"timeout=99999999999999999999999", std::chrono::years(10)},
      {"timeout=9223372036854775807", std::chrono::years(10)},
  };
  for (const auto& [value, expected] : cases) {
    CAPTURE(value);
    CHECK(keep_alive_timeout(Fields{{"Keep-Alive", value}}) == expected);
  }
}

TEST_CASE("a malformed timeout, or none, says nothing") {
  for (const char* value :
       {"", "5", "timeout", "timeout=", "timeout=-1", "timeout=1.5", "timeout=5s", "timeout=x",
        "timeouts=5", "max=100", "max=0", "max=\"timeout=5\"", ",,;=\"\\"}) {
    CAPTURE(value);
    CHECK_FALSE(keep_alive_timeout(Fields{{"Keep-Alive", value}}));
  }
  CHECK_FALSE(keep_alive_timeout(Fields{}));
  CHECK_FALSE(keep_alive_timeout(Fields{{"X-Keep-Alive", "timeout=5"}}));
}

TEST_CASE("the shortest of several timeouts counts") {
  CHECK(keep_alive_timeout(Fields{{"Keep-Alive", "timeout=9, timeout=8"}}) == 8s);
  CHECK(keep_alive_timeout(Fields{{"Keep-Alive", "max=5"},
                                  {"Keep-Alive", "timeout=4"},
                                  {"Keep-Alive", "timeout=3"},
                                  {"Keep-Alive", "timeout=6"}}) == 3s);
}
