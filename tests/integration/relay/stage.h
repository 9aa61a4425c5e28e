// The data plane between an upstream and clients that one test plays, all on real sockets: the test
// is a sequence of what each side says. Time stands still until the test moves it.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "relay/service.h"
#include "tests/support/observations.h"
#include "tests/support/owned_clock.h"
#include "tests/support/raw_message.h"
#include "tests/support/raw_socket.h"
#include "tests/support/scripted_source.h"

namespace bearer::test {

class Stage {
 public:
  struct Settings {
    std::vector<relay::RouteOptions> routes{relay::RouteOptions{}};
    relay::ServiceOptions service;
    relay::RouteOptions& route() { return routes.front(); }
  };
  using Adjust = std::function<void(Settings&)>;

  /// Every route leads to the one upstream, if it names no port of its own; base paths stay. The
  /// token in force is `one`.
  explicit Stage(const Adjust& adjust = {});
  /// With a source of the test's own instead of `tokens`, and its clock.
  Stage(token::Source& source, const base::Clock& clock, const Adjust& adjust = {});

  RawSocket client(int receive_buffer_bytes = 0) {
    return RawSocket::connect(port_, receive_buffer_bytes);
  }
  /// The next connection to the upstream, once a whole request has come on it.
  RawSocket take_request() {
    RawSocket socket = upstream.accept();
    read_message(socket);
    return socket;
  }
  /// The same once a request's head has come; the rest is left to be read.
  RawSocket take_head() {
    RawSocket socket = upstream.accept();
    read_head(socket);
    return socket;
  }
  std::uint16_t port() const { return port_; }
  std::string origin() const { return "http://localhost:" + std::to_string(port_); }
  std::string upstream_authority() const { return "127.0.0.1:" + std::to_string(upstream.port()); }
  relay::Service& service() { return *service_; }
  /// For requests from now on; the token source stays.
  void reload(const Adjust& adjust);

  /// Blocks until the proxy has acted on everything that was sent to it and on the time as it is.
  void settle();
  void advance(base::Duration duration) {
    clock.advance(duration);
    settle();
  }

  /// Sends until neither the proxy nor what is behind it takes more, or `bytes_max` are sent;
  /// returns how much that was.
  std::size_t stuff(RawSocket& socket, std::size_t bytes_max);

  /// Holds the proxy still meanwhile: it hears of all that `events` does in one turn.
  void at_once(const std::function<void()>& events);

  OwnedClock clock;
  ScriptedSource tokens{clock};
  RawListener upstream;
  Observations seen;

 private:
  void start(token::Source& source, const base::Clock& its_clock, const Adjust& adjust);
  Settings settings(const Adjust& adjust) const;

  std::uint16_t port_ = 0;
  net::Resolver resolver_;
  relay::TokenSources credentials_;
  std::vector<net::Loop*> loops_;
  std::unique_ptr<relay::Service> service_;
};

}  // namespace bearer::test
