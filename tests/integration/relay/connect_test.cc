// An upstream that neither takes a connection nor refuses it.
#include <doctest/doctest.h>

#include <string>

#include "tests/integration/relay/stage.h"

using namespace bearer;
using namespace bearer::test;
using namespace std::chrono_literals;

namespace {

/// Its one place is taken, so that connecting to it hangs.
struct FullListener {
  RawListener listener{0};
  RawSocket first = RawSocket::connect(listener.port());

  Stage::Adjust route_here() {
    return [this](Stage::Settings& settings) {
      settings.route().upstream.port = listener.port();
      settings.route().retry.max_retries = 0;
    };
  }
};

}  // namespace

TEST_CASE("a connect that hangs is a 504 after connect-timeout, for a POST too") {
  FullListener full;
  Stage stage(full.route_here());
  RawSocket client = stage.client();
  client.send(post("order"));
  stage.settle();
  stage.advance(10s - 1ns);
  CHECK(client.quiet());
  stage.advance(1ns);
  const RawMessage response = read_message(client);
  CHECK(response.status() == 504);
  CHECK(response.value("Proxy-Status").starts_with("bearer-proxy; error=connection_timeout"));
}

TEST_CASE("a client that leaves while its upstream is connected to ends the attempt") {
  FullListener full;
  Stage stage(full.route_here());
  RawSocket client = stage.client();
  client.send(get());
  stage.settle();
  client.close();
  CHECK_FALSE(stage.seen.exchange(1).whole);
  CHECK(stage.seen.attempt(1).outcome.fault == base::Errc::client_left);
}
