#include "app/watchdog.h"

#include <doctest/doctest.h>

#include "tests/support/notify_socket.h"
#include "tests/support/temporary_directory.h"

using namespace bearer;
using app::ServiceManager;
using app::Watchdog;
using namespace std::chrono_literals;

TEST_CASE("the service manager is told again and again that we live") {
  const test::TemporaryDirectory directory;
  const test::NotifySocket socket(directory.path("notify"));
  const ServiceManager manager(socket.path(), 2ms);
  const Watchdog watchdog(manager, [](const auto& then) { then(); });
  for (int i = 0; i < 3; ++i) CHECK(socket.next() == "WATCHDOG=1");
}

TEST_CASE("a beat that does not come to its end is no sign of life") {
  const test::TemporaryDirectory directory;
  const test::NotifySocket socket(directory.path("notify"));
  const ServiceManager manager(socket.path(), 2ms);
  {
    int beats = 0;
    // The third answers; the others hang.
    const Watchdog watchdog(manager, [&](const auto& then) {
      if (++beats == 3) then();
    });
    CHECK(socket.next() == "WATCHDOG=1");
  }
  manager.status("the end");
  CHECK(socket.next() == "STATUS=the end");
}

TEST_CASE("where nobody watches, nothing is asked to turn") {
  const Watchdog watchdog(ServiceManager(""), [](const auto&) { FAIL("nobody asked"); });
}
