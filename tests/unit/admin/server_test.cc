#include "admin/server.h"

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/support/captured.h"
#include "tests/support/said.h"

using namespace bearer;

TEST_CASE("where the admin port can take no connection, the log says so") {
  std::vector<net::Listener> listeners = net::Listener::open(net::Address{"127.0.0.1", 0}).value();
  ::shutdown(listeners.front().fd(), SHUT_RDWR);  // it takes none any more
  admin::Server server({}, std::move(listeners), base::system_clock());
  const std::string said = test::captured(STDERR_FILENO, [&] {
    server.start({.status = [] { return std::string(); },
                  .counts = [] { return admin::History::Counts{}; },
                  .unready = {},
                  .metrics = {},
                  .beat = {},
                  .refresh = {},
                  .drain = {},
                  .set_log_level = {},
                  .quit = {}});
  });
  CHECK(test::says(said, "the admin port cannot take connections"));
}
