// A dialer under test: the addresses that its name has, and servers to be met there.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "net/dialer.h"
#include "net/listener.h"
#include "tests/support/eventually.h"
#include "tests/support/name_server.h"
#include "tests/support/owned_loop.h"
#include "tests/support/reserved_port.h"
#include "tests/support/test_ca.h"

namespace bearer::test {

inline net::SocketAddress loopback(std::uint16_t port) {
  return net::resolve("127.0.0.1", port)->front();
}

/// Connecting to it is refused.
inline net::SocketAddress closed_port() {
  static const ReservedPort kNobody;
  return loopback(kNobody.port());
}

/// Takes connections and never says a word.
class SilentServer {
 public:
  const net::SocketAddress& address() const { return listeners_.front().address(); }

 private:
  std::vector<net::Listener> listeners_ = net::Listener::open(net::Address{"127.0.0.1", 0}).value();
};

inline net::Task<std::string> read_one(net::Stream& stream, net::Wait wait) {
  std::string into(99, '\0');
  for (;;) {
    const net::Io io = stream.read(into);
    if (io.ok()) co_return into.substr(0, io.bytes);
    if (!io.blocked()) co_return "";
    co_await wait.next();
  }
}

/// A dialer, and a name server that says `addresses` of its server's name.
class DialStage {
 public:
  explicit DialStage(net::SocketAddresses addresses, std::unique_ptr<net::TlsContext> tls = nullptr)
      : names(addresses),
        dialer(owned.loop(), names.resolver(), "localhost", 1, std::move(tls)),
        first_(addresses.front()) {}

  /// Begins to dial and goes on until an address is known.
  void start(net::Stream* cancel_on = nullptr) {
    outcome_.reset();
    task_ = dial({sleeper, owned.now() + std::chrono::seconds(10), cancel_on});
    task_.start();
    while (!known_) {
      owned.turn();
      known_ = dialer.leads_to(first_);
    }
  }
  base::Result<net::Dialed> finish() {
    while (!outcome_) owned.loop().run();
    return std::move(*outcome_);
  }
  bool finished() const { return outcome_.has_value(); }
  /// Turns until the dial ends, on time that stands still: false if it does not.
  bool ends() {
    return eventually([this] {
      owned.turn();
      return finished();
    });
  }
  base::Result<net::Dialed> run() {
    start();
    return finish();
  }
  std::string read(net::Stream& stream) { return owned.run(read_one(stream, owned.wait(sleeper))); }

  OwnedLoop owned;
  net::Sleeper sleeper{owned.loop()};
  NameServer names;
  net::TcpDialer dialer;

 private:
  net::Task<void> dial(net::Wait wait) {
    outcome_.emplace(co_await dialer.dial(wait, net::Alpn::http_1_1));
    owned.loop().stop();
  }

  const net::SocketAddress first_;
  bool known_ = false;
  std::optional<base::Result<net::Dialed>> outcome_;
  net::Task<void> task_;
};

inline std::unique_ptr<net::TlsContext> trusting(const TestCa& ca, const char* name = "localhost") {
  return std::move(*net::TlsContext::make({.ca_file = ca.ca_file(), .server_name = name}));
}

}  // namespace bearer::test
