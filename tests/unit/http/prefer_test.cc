#include "http/prefer.h"

#include <doctest/doctest.h>

#include <chrono>
#include <map>

#include "tests/unit/http/field_list.h"

using namespace bearer;
using namespace std::chrono_literals;
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
