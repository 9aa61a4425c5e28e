#include "app/service_manager.h"

#include <doctest/doctest.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/support/captured.h"
#include "tests/support/notify_socket.h"
#include "tests/support/said.h"
#include "tests/support/scoped_environment.h"
#include "tests/support/temporary_directory.h"

using namespace bearer;
using app::ServiceManager;
using test::NotifySocket;
using test::ScopedEnvironment;
using namespace std::chrono_literals;

TEST_CASE("the service manager is told by path and by abstract name") {
  const test::TemporaryDirectory directory;
  for (const std::string& path :
       {directory.path("notify"), "@bearer-test-" + std::to_string(getpid())}) {
    CAPTURE(path);
    NotifySocket socket(path);
    const ServiceManager manager(path);
    manager.ready();
    manager.status("fine");
    manager.alive();
    manager.stopping();
    manager.reloading();
    CHECK(socket.next() == "READY=1");
    CHECK(socket.next() == "STATUS=fine");
    CHECK(socket.next() == "WATCHDOG=1");
    CHECK(socket.next() == "STOPPING=1");
    CHECK(socket.next().starts_with("RELOADING=1\nMONOTONIC_USEC="));
  }
}

TEST_CASE("a service manager that reads nothing holds up neither heartbeat nor status") {
  const test::TemporaryDirectory directory;
  NotifySocket socket(directory.path("notify"));
  const ServiceManager manager(socket.path());
  socket.fill();
  const std::string said = test::captured(STDERR_FILENO, [&] {
    manager.alive();
    manager.status("fine");
  });
  CHECK(test::says(said, "state=\"WATCHDOG=1\""));
  CHECK(test::says(said, "state=\"STATUS=fine\""));
}

TEST_CASE("a service manager that reads nothing holds up no stage for ever, and that is told") {
  const test::TemporaryDirectory directory;
  NotifySocket socket(directory.path("notify"));
  const ServiceManager manager(socket.path());
  socket.fill();
  const std::string said = test::captured(STDERR_FILENO, [&] { manager.reloading(); });
  CHECK(test::says(said, "RELOADING=1"));
  CHECK(test::says(said, "does not read"));
}

TEST_CASE("what the service manager says of itself is taken out of the environment") {
  const ScopedEnvironment socket("NOTIFY_SOCKET", "/run/notify");
  const ScopedEnvironment time("WATCHDOG_USEC", "3000000");
  const ScopedEnvironment pid("WATCHDOG_PID", std::to_string(getpid()));
  const ServiceManager manager = ServiceManager::of_environment();
  CHECK(manager.listens());
  CHECK(manager.watchdog() == base::Duration(3s));
  for (const char* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}) {
    CAPTURE(name);
    CHECK(getenv(name) == nullptr);
  }
  CHECK_FALSE(ServiceManager::of_environment().listens());
}

TEST_CASE("a watchdog that is another process's, or off, is not ours") {
  const auto watchdog = [](const std::string& time, const std::string& pid) {
    const ScopedEnvironment one("NOTIFY_SOCKET", "/run/notify");
    const ScopedEnvironment two("WATCHDOG_USEC", time);
    const ScopedEnvironment three("WATCHDOG_PID", pid);
    return ServiceManager::of_environment().watchdog();
  };
  CHECK(watchdog("3000000", "") == base::Duration(3s));
  CHECK_FALSE(watchdog("3000000", "1"));
  CHECK_FALSE(watchdog("0", ""));
  CHECK_FALSE(watchdog("soon", ""));
}

TEST_CASE("an address that is no service manager's is passed over") {
  const ScopedEnvironment socket("NOTIFY_SOCKET", "vsock:2:1234");
  const ServiceManager manager = ServiceManager::of_environment();
  CHECK_FALSE(manager.listens());
  manager.ready();
}
