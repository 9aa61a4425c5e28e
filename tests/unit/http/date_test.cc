#include "http/date.h"

#include <doctest/doctest.h>

#include "tests/sandbox/encoding.h"

using namespace bearer;
using namespace std::chrono;
using http::parse_date;

namespace {

constexpr sys_seconds kNow = sys_days(2026y / 3 / 15) + 12h;

std::optional<std::int64_t> seconds_of(std::string_view text, sys_seconds now = kNow) {
  const auto time = parse_date(text, now);
  if (!time) return std::nullopt;
  return time->rounded_up().time_since_epoch().count();
}

}  // namespace

TEST_CASE("the three forms of HTTP-date name the same second") {
  CHECK(seconds_of("Sun, 06 Nov 1994 08:49:37 GMT") == 784111777);
  CHECK(seconds_of("Sunday, 06-Nov-94 08:49:37 GMT") == 784111777);
  CHECK(seconds_of("Sun Nov  6 08:49:37 1994") == 784111777);
}

TEST_CASE("a date is computed over leap years, the epoch and beyond 32 bits") {
  CHECK(seconds_of("Thu, 01 Jan 1970 00:00:00 GMT") == 0);
  CHECK(seconds_of("Wed, 31 Dec 1969 23:59:59 GMT") == -1);
  CHECK(seconds_of("Tue, 29 Feb 2000 00:00:00 GMT") == 951782400);
  CHECK(seconds_of("Tue, 19 Jan 2038 03:14:08 GMT") == 2147483648);
  CHECK(seconds_of("Fri, 31 Dec 9999 23:59:59 GMT") == 253402300799);
  CHECK(seconds_of("Thu Feb 29 23:59:59 2024") == 1709251199);
}

TEST_CASE("what servers write instead means the same second") {
  for (const char* text : {
           "Sun, 06 Nov 1994 08:49:37 UTC",
           "Sun, 06 Nov 1994 08:49:37 +0000",
           "Sun, 06 Nov 1994 08:49:37 Z",
           "Sun, 06 Nov 1994 08:49:37",
           "Sun, 06 Nov 1994 09:49:37 +0100",
           "Sun, 06 Nov 1994 03:19:37 -05:30",
           "Sun Nov 06 1994 09:49:37 GMT+0100 (Central European Standard Time)",
           "sun, 06 NOV 1994 08:49:37 gmt",
           "Sun, 6 Nov 1994 8:49:37 GMT",
           "Sun, 06-Nov-94 08:49:37 GMT",
           "Sunday, 06 November 1994 08:49:37 GMT",
           "06 Nov 1994 08:49:37 GMT",
           "Sun Nov  6 08:49:37 UTC 1994",
           "1994-11-06T08:49:37Z",
           "1994-11-06T08:49:37",
           "1994-11-06 08:49:37",
           "1994-11-06 08:49:37 UTC",
           "1994-11-06t08:49:37z",
           "1994-11-06T08:49:36.001Z",
           "1994-11-06T08:49:37.000Z",
           "1994-11-06T08:49:36,5Z",
           "1994-11-06T09:49:37+01:00",
           "1994-11-06T00:49:37-08",
       }) {
    CAPTURE(text);
    CHECK(seconds_of(text) == 784111777);
  }
  CHECK(seconds_of("2018-03-13") == seconds_of("Tue, 13 Mar 2018 00:00:00 GMT"));
  CHECK(seconds_of("2018-03-13T10:00Z") == seconds_of("Tue, 13 Mar 2018 10:00:00 GMT"));
}

TEST_CASE("a leap second is the start of the next minute") {
  CHECK(seconds_of("Sat, 31 Dec 2016 23:59:60 GMT") == seconds_of("Sun, 01 Jan 2017 00:00:00 GMT"));
}

TEST_CASE("the day's name is not held against the date") {
  CHECK(seconds_of("Mon, 06 Nov 1994 08:49:37 GMT") == 784111777);
}

TEST_CASE("what is no HTTP-date, or no day of the calendar, is refused") {
  for (const char* bad : {
           "",
           "Sun",
           "0",
           "784111777",
           "Sun, 31 Feb 2024 00:00:00 GMT",
           "Wed, 29 Feb 2023 00:00:00 GMT",
           "Thu, 29 Feb 1900 00:00:00 GMT",
           "Sun, 00 Nov 1994 08:49:37 GMT",
           "Sun, 32 Nov 1994 08:49:37 GMT",
           "Sun, 06 Nov 1994 24:00:00 GMT",
           "Sun, 06 Nov 1994 08:60:37 GMT",
           "Sun, 06 Nov 1994 08:49:61 GMT",
           "Sun, 06 Foo 1994 08:49:37 GMT",
           "Xyz, 06 Nov 1994 08:49:37 GMT",
           "Sun, D6 Nov 1994 08:49:37 GMT",
           "Sun, 06 Nov -994 08:49:37 GMT",
           "Sun, 06 Nov 1994 +8:49:37 GMT",
           "Sunday, 06-Nov-YY 08:49:37 GMT",
           "Sun Nov _6 08:49:37 1994",
           "Sun Nov    08:49:37 1994",
           "Sun, 06 Nov 1994",
           "Sun, 06 Nov 1994 08:49:37 PST",
           "Sun, 06 Nov 1994 08:49:37 +1",
           "Sun, 06 Nov 1994 08:49:37 +2400",
           "Sun, 06 Nov 1994 08:49:37 +0100 +0100",
           "Sun, 06 Nov 1994 08:49:37 GMT (open",
           "Sun, 06 Nov 1994 08:49:37 08:49:37 GMT",
           "Sun, 06 Nov 1994 1995 08:49:37 GMT",
           "Sun, 06 Nov Dec 1994 08:49:37 GMT",
           "Sun, Mon, 06 Nov 1994 08:49:37 GMT",
           "Sun, 06 No 1994 08:49:37 GMT",
           "1994-11-31T00:00:00Z",
           "1994-13-06T00:00:00Z",
           "1994-11-06T25:00:00Z",
           "1994-11-06T08:49:37.Z",
           "1994-11-06T",
           "1994-11",
           "1994-1-6",
       }) {
    CAPTURE(std::string_view(bad));
    CHECK_FALSE(seconds_of(bad));
  }
}

TEST_CASE("a two-digit year lies within 50 years of now") {
  struct {
    sys_seconds now;
    const char* text;
    year_month_day expected;
  } const cases[] = {
      {kNow, "Sunday, 01-Jan-26 00:00:00 GMT", 2026y / 1 / 1},
      {kNow, "Sunday, 01-Jan-75 00:00:00 GMT", 2075y / 1 / 1},
      {kNow, "Sunday, 15-Mar-76 12:00:00 GMT", 2076y / 3 / 15},  // 50 years, not more
      {kNow, "Sunday, 15-Mar-76 12:00:01 GMT", 1976y / 3 / 15},
      {kNow, "Sunday, 01-Jan-77 00:00:00 GMT", 1977y / 1 / 1},
      {kNow, "Sunday, 31-Dec-99 00:00:00 GMT", 1999y / 12 / 31},
      {kNow, "Sunday, 29-Feb-00 00:00:00 GMT", 2000y / 2 / 29},
      {sys_days(1999y / 12 / 31), "Saturday, 01-Jan-00 00:00:00 GMT", 2000y / 1 / 1},
      {sys_days(2085y / 1 / 1), "Saturday, 01-Jan-10 00:00:00 GMT", 2110y / 1 / 1},
      {sys_days(2024y / 2 / 29), "Saturday, 28-Feb-74 00:00:00 GMT", 2074y / 2 / 28},
  };
  for (const auto& c : cases) {
    CAPTURE(c.text);
    const auto time = parse_date(c.text, c.now);
    REQUIRE(time.has_value());
    CHECK(year_month_day(floor<days>(time->time)) == c.expected);
  }
}

TEST_CASE("an IMF-fixdate is read as the second that another program wrote") {
  for (std::int64_t time = 0; time < 8'000'000'000; time += 86'399'999) {
    CHECK(seconds_of(sandbox::format_date(system_clock::time_point(seconds(time)))) == time);
  }
}

TEST_CASE("a date keeps its fraction of a second, of any length, and says whether it has a zone") {
  const auto fraction = [](std::string_view text) { return parse_date(text, kNow)->fraction; };
  CHECK(fraction("2024-05-14T12:00:00Z") == 0ns);
  CHECK(fraction("2024-05-14T12:00:00.25Z") == 250ms);
  CHECK(fraction("2024-05-14T12:00:00.1234567890123Z") == 123456789ns);
  const auto zoned = [](std::string_view text) { return parse_date(text, kNow)->zoned; };
  for (const char* text : {"2024-05-14T12:00:00Z", "2024-05-14 14:00:00+0200",
                           "2024-05-14 12:00:00 UTC", "Tue, 14 May 2024 12:00:00 GMT"}) {
    CAPTURE(text);
    CHECK(zoned(text));
  }
  for (const char* text : {"2024-05-14", "2024-05-14T12:00:00", "Tue May 14 12:00:00 2024"}) {
    CAPTURE(text);
    CHECK_FALSE(zoned(text));
  }
}
