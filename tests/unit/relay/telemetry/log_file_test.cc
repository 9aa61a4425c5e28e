#include "relay/telemetry/log_file.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <string>

#include "relay/telemetry/access_log.h"
#include "tests/support/owned_clock.h"
#include "tests/support/temporary_directory.h"

using namespace bearer;

TEST_CASE("whether an access log can be opened is found out without opening it") {
  const test::TemporaryDirectory directory;
  CHECK(relay::check_log_file("-").has_value());
  CHECK(relay::check_log_file(directory.path("fresh.log")).has_value());
  CHECK_FALSE(std::filesystem::exists(directory.path("fresh.log")));
  CHECK(relay::check_log_file(directory.write("there.log", "")).has_value());
  for (const std::string& path :
       {directory.path("none/access.log"), directory.path(""), directory.path("there.log/x")}) {
    CAPTURE(path);
    const base::Result<void> checked = relay::check_log_file(path);
    REQUIRE_FALSE(checked.has_value());
    CHECK(checked.error().detail.starts_with("access_log = \"" + path + "\": "));
    test::OwnedClock clock;
    CHECK_FALSE(relay::AccessLog::open(path, false, clock).has_value());
  }
}
