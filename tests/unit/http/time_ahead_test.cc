#include "http/time_ahead.h"

#include <doctest/doctest.h>

#include <map>
#include <string>

using namespace bearer;
using namespace bearer::http;
using namespace std::chrono;

namespace {

constexpr sys_seconds kFrom{1'773'576'000s};

std::optional<TimeAhead> read(std::string_view text, TimeUnit unit = TimeUnit::seconds) {
  return read_time_ahead(text, unit, kFrom);
}

}  // namespace

TEST_CASE("a time to come is read in every form that it is written in") {
  const std::map<std::string_view, milliseconds> cases{
      {"0", 0ms},
      {"007", 7s},
      {"+3", 3s},
      {"\"3\"", 3s},
      {"\" 3 \"", 3s},
      {" 3 ", 3s},
      {"1.0", 1s},
      {"1.", 1s},
      {"1.5", 1500ms},
      {"1.0001", 1001ms},  // nobody comes early
      {"0.9999", 1s},
      {"-1", -1s},
      {"-1.5", -1s},
      {"3s", 3s},
      {"3 s", 3s},
      {"3 seconds", 3s},
      {"1 second", 1s},
      {"3 Secs", 3s},
      {"+3s", 3s},
      {"120ms", 120ms},
      {"120 msec", 120ms},
      {"1.5ms", 2ms},
      {"2 milliseconds", 2ms},
      {"2m", 2min},
      {"1.5 min", 90s},
      {"2 minutes", 2min},
      {"6m0s", 6min},
      {"1h2m3.5s", 1h + 2min + 3500ms},
      {"1h 2m", 1h + 2min},
      {"2 days", 48h},
      {"1773576030", 30s},
      {"1773576030.25", 30'250ms},
      {"1773575990", -10s},
      {"1773576030500", 30'500ms},
      {"Sun, 15 Mar 2026 12:00:30 GMT", 30s},
      {"\"Sun, 15 Mar 2026 12:00:30 GMT\"", 30s},
      {"Sun, 15 Mar 2026 12:00:30 UTC", 30s},
      {"2026-03-15T12:00:30Z", 30s},
      {"2026-03-15T12:00:29.5Z", 30s},
      {"2026-03-15 11:59:50", -10s},
  };
  for (const auto& one : cases) {
    CAPTURE(one.first);
    CHECK(read(one.first) == TimeAhead{one.second});
  }
}

TEST_CASE("what is no time is not taken for one") {
  for (const char* text :
       {"",     " ",    "-",    "+",    ".5",  "1.2.3",        "1e3", "0x10", "5 5",
        "5x",   "s",    "3s4",  "-3s",  "--3", "+-3",          "NaN", "nan",  "Infinity",
        "-inf", "null", "soon", "\"\"", "\"",  "3 fortnights", "1h2"}) {
    CAPTURE(text);
    CHECK_FALSE(read(text));
  }
  CHECK_FALSE(read(std::string(10'000, 'a')));
  CHECK_FALSE(read(std::string(10'000, '9') + "x"));
}

TEST_CASE("an absurd number ends somewhere") {
  for (const std::string& text :
       {std::string("99999999999999999999999"), std::string(10'000, '9'),
        std::string(10'000, '9') + "." + std::string(10'000, '9'),
        std::string(10'000, '9') + " days", std::string("Fri, 31 Dec 9999 23:59:59 GMT")}) {
    CAPTURE(text.substr(0, 40));
    const auto time = read(text);
    REQUIRE(time.has_value());
    CHECK(bounded_delay(time->wait) == years(10));
  }
}

TEST_CASE("a number whose unit is told is not vague") {
  CHECK(read("3000") == TimeAhead{3000s});
  CHECK(read("3000", TimeUnit::milliseconds) == TimeAhead{3s});
  CHECK(read("2.5", TimeUnit::milliseconds) == TimeAhead{3ms});
  CHECK(read("1773576030500", TimeUnit::milliseconds) == TimeAhead{30'500ms});
}

TEST_CASE("a number whose unit is not told is seconds up to a minute, and vague above") {
  CHECK(read("60", TimeUnit::unsaid) == TimeAhead{60s});
  CHECK(read("61", TimeUnit::unsaid) == TimeAhead{61s, true});
  CHECK(read("3000", TimeUnit::unsaid)->soonest() == 3s);
  CHECK(read("3000.0", TimeUnit::unsaid) == TimeAhead{3000s});
  CHECK(read("3000s", TimeUnit::unsaid) == TimeAhead{3000s});
  CHECK(read("1773576030", TimeUnit::unsaid) == TimeAhead{30s});
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
  for (const auto& one : cases) {
    CAPTURE(one.first);
    CHECK(parse_seconds(one.first) == one.second);
  }
}

TEST_CASE("a delay is neither negative nor longer than ten years") {
  CHECK(bounded_delay(-1ms) == 0s);
  CHECK(bounded_delay(1ms) == 1ms);
  CHECK(bounded_delay(milliseconds::max()) == years(10));
}

TEST_CASE("a response was made at its Date, or now") {
  const base::WallTime now = sys_days(2026y / 3 / 15) + 12h + 250ms;
  CHECK(response_time("Sun, 15 Mar 2026 11:00:00 GMT", now) == sys_days(2026y / 3 / 15) + 11h);
  CHECK(response_time("today", now) == sys_days(2026y / 3 / 15) + 12h);
  CHECK(response_time("", now) == sys_days(2026y / 3 / 15) + 12h);
  const auto last = response_time("Fri, 31 Dec 9999 23:59:59 GMT", now);
  CHECK(read_time_ahead("Fri, 31 Dec 9999 23:59:59 GMT", TimeUnit::seconds, last)->wait == 0s);
  CHECK(read_time_ahead("Sun, 15 Mar 2026 12:00:00 GMT", TimeUnit::seconds, last)->wait <
        -years(7900));
}
