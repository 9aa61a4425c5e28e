#include "base/iso_time.h"

#include <doctest/doctest.h>

#include <string>

#include "base/text.h"

using namespace bearer;
using namespace std::chrono_literals;

TEST_CASE("an ISO 8601 time is read in every spelling that names its zone") {
  const base::WallTime noon{1715688000s};  // 2024-05-14T12:00:00Z
  for (const char* text :
       {"2024-05-14T12:00:00Z", "2024-05-14t12:00:00z", "2024-05-14 12:00:00Z",
        "2024-05-14T12:00:00+00:00", "2024-05-14T14:00:00+02:00", "2024-05-14T14:00:00+0200",
        "2024-05-14T14:00:00+02", "2024-05-14T06:30:00-05:30", "2024-05-14 12:00:00 UTC",
        " 2024-05-14T12:00:00.000Z "}) {
    CAPTURE(text);
    CHECK(base::parse_iso_time(text) == noon);
  }
  CHECK(base::parse_iso_time("2024-05-14T12:00:00.25Z") == noon + 250ms);
  CHECK(base::parse_iso_time("2024-05-14T12:00:00.1234567890123Z") == noon + 123456789ns);
}

TEST_CASE("what is no moment is none") {
  for (const char* text :
       {"", "2024-05-14", "2024-05-14T12:00:00", "2024-05-14T12:00Z", "2024-13-14T12:00:00Z",
        "2024-02-30T12:00:00Z", "2024-05-14T24:00:00Z", "2024-05-14T12:00:00Zx",
        "2024-05-14T12:00:00+2:00", "2024-05-14T12:00:00+99:00", "24-05-14T12:00:00Z",
        "9999-05-14T12:00:00Z", "1715688000", "2024-05-14T12:00:00+"}) {
    CAPTURE(text);
    CHECK_FALSE(base::parse_iso_time(text));
  }
}
