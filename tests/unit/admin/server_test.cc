#include "admin/server.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/support/captured.h"
#include "tests/support/no_descriptors.h"
#include "tests/support/raw_socket.h"
#include "tests/support/said.h"

namespace admin_server_test {

using namespace bearer;

TEST_CASE("where the admin port can take no connection, the log says so") {
  std::vector<net::Listener> listeners = net::Listener::open(net::Address{"127.0.0.1", 0}).value();
  const test::RawSocket waits = test::RawSocket::connect(listeners.front().address().port());
  admin::Server server({}, std::move(listeners), base::system_clock());
  const std::string said = test::captured(STDERR_FILENO, [&] {
    const test::NoDescriptors none;
    server.start({.status = [] { return admin::Status{}; },
                  .unready = {},
                  .metrics = {},
                  .beat = {},
                  .refresh = {},
                  .drain = {},
                  .quit = {}});
  });
  CHECK(test::says(said, "the admin port cannot take connections"));
}

}  // namespace admin_server_test
