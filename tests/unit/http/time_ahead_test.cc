#include "http/time_ahead.h"

#include <doctest/doctest.h>

#include <map>

#include "tests/unit/http/field_list.h"

using namespace bearer;
using namespace bearer::http;
using namespace std::chrono;

TEST_CASE("a number of seconds is rounded up, and what is none is not taken for one") {
  const std::map<std::string_view, std::optional<std::int64_t>> cases{
      {"0", 0},
      {"007", 7},
      {"1.0", 1},
      {"1.001", 2},
      {"1.", 1},
      {"-1", 0},
      {"-1.5", 0},
      {"1000000000000000", 1'000'000'000'000'000},
      {"99999999999999999999999", 1'000'000'000'000'000},
      {"", std::nullopt},
      {"-", std::nullopt},
      {".5", std::nullopt},
      {"+5", std::nullopt},
      {"5s", std::nullopt},
      {"1.2.3", std::nullopt},
  };
  for (const auto& [text, expected] : cases) {
    CAPTURE(text);
    CHECK(parse_time_number(text) == expected);
  }
}

TEST_CASE("a plain number of seconds has digits alone, perhaps in quotes") {
  const std::map<std::string_view, std::optional<base::Duration>> cases{
      {"0", 0s},
      {"007", 7s},
      {"\"7\"", 7s},
      {"9223372036854775807", years(10)},
      {"99999999999999999999999", years(10)},
      {"", std::nullopt},
      {"\"\"", std::nullopt},
      {"-1", std::nullopt},
      {"+5", std::nullopt},
      {"1.0", std::nullopt},
      {"5s", std::nullopt},
      {" 5", std::nullopt},
  };
  for (const auto& [text, expected] : cases) {
    CAPTURE(text);
    CHECK(parse_seconds(text) == expected);
  }
}

TEST_CASE("a large number is an epoch, in seconds or in milliseconds") {
  const sys_seconds from{1'773'576'000s};
  CHECK(time_ahead(30, from) == 30s);
  CHECK(time_ahead(1'000'000'000, from) == 1'000'000'000s);
  CHECK(time_ahead(1'773'576'030, from) == 30s);
  CHECK(time_ahead(1'773'575'990, from) == -10s);
  CHECK(time_ahead(1'773'576'030'500, from) == 30'500ms);
}

TEST_CASE("a delay is neither negative nor longer than ten years") {
  CHECK(bounded_delay(-1ms) == 0s);
  CHECK(bounded_delay(1ms) == 1ms);
  CHECK(bounded_delay(milliseconds::max()) == years(10));
}

TEST_CASE("a response was made at its Date, or now") {
  const base::WallTime now = sys_days(2026y / 3 / 15) + 12h + 250ms;
  CHECK(response_time(test::Fields{{"Date", "Sun, 15 Mar 2026 11:00:00 GMT"}}, now) ==
        sys_days(2026y / 3 / 15) + 11h);
  CHECK(response_time(test::Fields{{"Date", "today"}}, now) == sys_days(2026y / 3 / 15) + 12h);
  CHECK(response_time(test::Fields{}, now) == sys_days(2026y / 3 / 15) + 12h);
}
