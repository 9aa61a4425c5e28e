#include "http/rate_limit.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/unit/http/field_list.h"

using namespace bearer::http;
using bearer::http::test::Fields;

namespace {

std::string text(const std::optional<std::uint64_t>& number) {
  return number ? std::to_string(*number) : "-";
}
std::string text(const std::optional<TimeAhead>& time) {
  return time ? std::to_string(time->wait.count() / 1000) : "-";
}

/// `name limit remaining reset window`, with an x where requests are not what is counted.
std::vector<std::string> policies(const FieldList& fields) {
  std::vector<std::string> lines;
  for (const QuotaClaim& policy : RateLimit(fields, {})) {
    lines.push_back(std::string(policy.name) + " " + text(policy.limit) + " " +
                    text(policy.remaining) + " " + text(policy.reset) + " " + text(policy.window) +
                    (policy.counts_requests ? "" : " x"));
  }
  return lines;
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("a policy's remainder and its size are put together by its name") {
  CHECK(policies(Fields{{"RateLimit-Policy", R"("day";q=1000;w=86400, "burst";q=10;w=5)"},
                        {"RateLimit", R"("burst";r=3;t=2, "day"; r=900)"}}) ==
        Lines{"\"burst\" 10 3 2 5", "\"day\" 1000 900 - 86400"});
  CHECK(policies(Fields{{"RateLimit", R"("a";r=1)"}, {"RateLimit", R"("b";t=2)"}}) ==
        Lines{"\"a\" - 1 - -", "\"b\" - - 2 -"});
  CHECK(policies(Fields{{"RateLimit-Policy", R"("a";q=5)"}}) == Lines{});
  CHECK(policies(Fields{{"RateLimit", "default;r=1"}, {"RateLimit-Policy", "default;q=5"}}) ==
        Lines{"default 5 1 - -"});
}

TEST_CASE("the older form is one policy without a name") {
  CHECK(policies(Fields{{"RateLimit", "limit=100, remaining=50, reset=30"}}) ==
        Lines{" 100 50 30 -"});
  CHECK(policies(Fields{{"RateLimit", "limit=100,remaining=50"},
                        {"RateLimit", "reset=30"},
                        {"RateLimit-Policy", "100;w=60"}}) == Lines{" 100 50 30 -"});
}

TEST_CASE("a policy of bytes or of concurrency does not count requests") {
  CHECK(policies(Fields{{"RateLimit-Policy", R"("a";q=9;qu="content-bytes", "b";qu="requests")"},
                        {"RateLimit", R"("a";r=1, "b";r=2)"}}) ==
        Lines{"\"a\" 9 1 - - x", "\"b\" - 2 - -"});
}

TEST_CASE("what is malformed says nothing, and there is an end to it") {
  CHECK(policies(Fields{{"RateLimit", R"("a";r=x;t=-;q;=;r==, ,;)"}}) ==
        Lines{"\"a\" - - - -", " - - - -"});
  std::string many;
  for (int i = 0; i < 1000; ++i) many += "p" + std::to_string(i) + ";r=1,";
  CHECK(policies(Fields{{"RateLimit", many}}).size() == 8);
}

TEST_CASE("the window of a limit is its own policy's") {
  const auto window = [](std::uint64_t limit, std::string_view policies) {
    return text(window_of(limit, policies));
  };
  CHECK(window(100, "100, 100;w=60, 5000;w=3600") == "60");
  CHECK(window(5000, "100, 100;w=60, 5000;w=3600") == "3600");
  CHECK(window(100, R"(100;comment="a,b";w=60)") == "60");
  for (const char* none : {"", "100", "99;w=60", "100;w=x", "100;x=60", ",;,"}) {
    CAPTURE(none);
    CHECK(window(100, none) == "-");
  }
}
