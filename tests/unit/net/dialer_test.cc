#include "net/dialer.h"

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "net/listener.h"
#include "tests/support/eventually.h"
#include "tests/support/name_server.h"
#include "tests/support/owned_loop.h"
#include "tests/support/scripted_stream.h"
#include "tests/support/tls_server.h"

namespace net_dialer_test {

using namespace bearer;
using namespace std::chrono_literals;
using base::Errc;
using net::Io;
using net::SocketAddress;
using test::OwnedLoop;

namespace {

using Outcome = base::Result<net::Dialed>;

SocketAddress loopback(std::uint16_t port) {
  return net::resolve("127.0.0.1", port)->front();
}

/// A listening socket that has been closed again: connecting to it is refused.
SocketAddress closed_port() {
  return net::Listener::open(net::Address{"127.0.0.1", 0})->front().address();
}

/// Takes connections and never says a word.
class SilentServer {
 public:
  const SocketAddress& address() const { return listeners_.front().address(); }

 private:
  std::vector<net::Listener> listeners_ = net::Listener::open(net::Address{"127.0.0.1", 0}).value();
};

net::Task<std::string> read_one(net::Stream& stream, net::Wait wait) {
  std::string into(99, '\0');
  for (;;) {
    const Io io = stream.read(into);
    if (io.ok()) co_return into.substr(0, io.bytes);
    if (!io.blocked()) co_return "";
    co_await wait.next();
  }
}

/// A dialer, and a name server that says `addresses` of its server's name.
class Stage {
 public:
  explicit Stage(net::SocketAddresses addresses, std::unique_ptr<net::TlsContext> tls = nullptr)
      : names(addresses),
        dialer(owned.loop(), names.resolver(), "localhost", 1, std::move(tls)),
        first_(addresses.front()) {}

  /// Begins to dial and goes on until an address is known.
  void start(const net::Stream* beneficiary = nullptr) {
    outcome_.reset();
    task_ = dial({sleeper, owned.now() + 10s, beneficiary});
    task_.start();
    while (!known_) {
      owned.turn();
      known_ = dialer.leads_to(first_);
    }
  }
  Outcome finish() {
    while (!outcome_) owned.loop().run();
    return std::move(*outcome_);
  }
  bool finished() const { return outcome_.has_value(); }
  /// Turns until the dial ends, on time that stands still: false if it does not.
  bool ends() {
    return test::eventually([this] {
      owned.turn();
      return finished();
    });
  }
  Outcome run() {
    start();
    return finish();
  }
  std::string read(net::Stream& stream) { return owned.run(read_one(stream, owned.wait(sleeper))); }

  OwnedLoop owned;
  net::Sleeper sleeper{owned.loop()};
  test::NameServer names;
  net::TcpDialer dialer;

 private:
  net::Task<void> dial(net::Wait wait) {
    outcome_.emplace(co_await dialer.dial(wait));
    owned.loop().stop();
  }

  const SocketAddress first_;
  bool known_ = false;
  std::optional<Outcome> outcome_;
  net::Task<void> task_;
};

std::unique_ptr<net::TlsContext> trusting(const test::TestCa& ca, const char* name = "localhost") {
  return std::move(*net::TlsContext::make({.ca_file = ca.ca_file(), .server_name = name}));
}

}  // namespace

TEST_CASE("a dial connects, says where, and its stream wakes the sleeper") {
  const test::RawServer server([](test::RawConnection& connection) {
    connection.write("hello");
    connection.await_end();
  });
  Stage stage({loopback(server.port())});
  Outcome dialed = stage.run();
  REQUIRE(dialed.has_value());
  CHECK(dialed->address == loopback(server.port()));
  CHECK(stage.read(*dialed->stream) == "hello");
  CHECK(stage.dialer.leads_to(dialed->address));
  CHECK_FALSE(stage.dialer.leads_to(loopback(1)));
}

TEST_CASE("a refused connection is said with its address, and another address is tried") {
  const SocketAddress closed = closed_port();
  Stage refused({closed});
  const Outcome outcome = refused.run();
  REQUIRE(outcome.has_error());
  CHECK(outcome.error().code == Errc::connect_refused);
  CHECK(outcome.error().detail.starts_with(closed.text() + ": "));

  const SilentServer open;
  Stage second({closed, open.address()});
  const Outcome dialed = second.run();
  REQUIRE(dialed.has_value());
  CHECK(dialed->address == open.address());
}

TEST_CASE("a name that does not resolve fails the dial") {
  OwnedLoop owned;
  net::Resolver resolver([](const std::string&, std::uint16_t) {
    return base::Result<net::SocketAddresses>(base::Error{Errc::resolve_failed, "no such name"});
  });
  net::TcpDialer dialer(owned.loop(), resolver, "api.example.com", 80, nullptr);
  net::Sleeper sleeper(owned.loop());
  const Outcome outcome = owned.run(dialer.dial({sleeper, base::kNever, nullptr}));
  REQUIRE(outcome.has_error());
  CHECK(outcome.error().code == Errc::resolve_failed);
}

TEST_CASE("asking whether an address is still the server's finds out that it has moved") {
  const SilentServer old_server, new_server;
  OwnedLoop owned;
  test::NameServer names{net::SocketAddresses{old_server.address()}};
  net::TcpDialer dialer(owned.loop(), names.resolver(), "api.example.com", 80, nullptr);
  net::Sleeper sleeper(owned.loop());
  REQUIRE(owned.run(dialer.dial({sleeper, base::kNever, nullptr})).has_value());
  names.says(net::SocketAddresses{new_server.address()});
  CHECK(dialer.leads_to(old_server.address()));
  owned.advance(30s);
  CHECK(dialer.leads_to(old_server.address()));  // asks in the background
  names.settle(owned);
  CHECK_FALSE(dialer.leads_to(old_server.address()));
  CHECK(dialer.leads_to(new_server.address()));
}

TEST_CASE("a name whose addresses all fail is asked again, and dialled where it has moved to") {
  test::TestCa ca, stranger_ca;
  const test::TlsServer stranger(stranger_ca.leaf(), ""), server(ca.leaf(), "greetings");
  for (const SocketAddress& old : {closed_port(), loopback(stranger.port())}) {
    CAPTURE(old.text());
    Stage stage({old}, trusting(ca));
    REQUIRE(stage.run().has_error());
    stage.names.says(net::SocketAddresses{old, loopback(server.port())});
    REQUIRE(stage.run().has_error());
    CHECK(stage.names.asked() == 1);  // 1 s ago at most
    stage.owned.advance(1s);
    const Outcome dialed = stage.run();
    REQUIRE(dialed.has_value());
    CHECK(dialed->address == loopback(server.port()));
    CHECK(stage.names.asked() == 2);
  }
}

TEST_CASE("a name that has not moved is not dialled again") {
  test::TestCa ca;
  const test::RawServer plain([](test::RawConnection& connection) {
    connection.write("HTTP/1.1 400 Bad Request\r\n\r\n");
    connection.await_end();
  });
  Stage stage({loopback(plain.port())}, trusting(ca));
  for (const int asked : {1, 2, 3}) {
    const Outcome outcome = stage.run();
    REQUIRE(outcome.has_error());
    CHECK(outcome.error().code == Errc::tls_handshake_failed);
    CHECK(plain.connections() == asked);
    CHECK(stage.names.asked() == asked);
    stage.owned.advance(1s);
  }
}

TEST_CASE("an old address that takes all of the time leaves the new one to the next dial") {
  test::TestCa ca;
  const SilentServer silent;
  const test::TlsServer server(ca.leaf(), "greetings");
  Stage stage({silent.address()}, trusting(ca));
  stage.start();
  stage.names.says(net::SocketAddresses{loopback(server.port())});
  stage.owned.advance(10s);
  REQUIRE(stage.ends());
  const Outcome late = stage.finish();
  REQUIRE(late.has_error());
  CHECK(late.error().code == Errc::connect_timeout);
  stage.names.settle(stage.owned);
  stage.start();
  REQUIRE(stage.ends());
  const Outcome dialed = stage.finish();
  REQUIRE(dialed.has_value());
  CHECK(dialed->address == loopback(server.port()));
}

TEST_CASE(
    "a name server that hangs delays a failure by 1 s at most, and not when a client leaves") {
  Stage stage({closed_port()});
  REQUIRE(stage.run().has_error());
  stage.owned.advance(1s);
  stage.names.hangs(true);
  test::ScriptedStream client;
  client.wakes(&stage.sleeper);
  stage.start(&client);
  REQUIRE(test::eventually([&] {
    stage.owned.turn();
    return stage.names.asked() == 2;
  }));
  SUBCASE("late") {
    stage.owned.advance(1s - 1ns);
    CHECK_FALSE(stage.finished());
    stage.owned.advance(1ns);
    for (int dial = 0; dial < 2; ++dial) {
      if (dial > 0) stage.start();
      REQUIRE(stage.ends());
      const Outcome outcome = stage.finish();
      REQUIRE(outcome.has_error());
      CHECK(outcome.error().code == Errc::connect_refused);
    }
    CHECK(stage.names.asked() == 2);
  }
  SUBCASE("left") {
    client.then(Io::Status::ended);
    REQUIRE(stage.ends());
    const Outcome outcome = stage.finish();
    REQUIRE(outcome.has_error());
    CHECK(outcome.error().code == Errc::client_left);
  }
}

TEST_CASE("a handshake that does not come ends in time, and when its client leaves") {
  const test::TestCa ca;
  const SilentServer silent;
  SUBCASE("late") {
    Stage stage({silent.address()}, trusting(ca));
    stage.start();
    stage.owned.advance(10s - 1ns);
    CHECK_FALSE(stage.finished());
    stage.owned.advance(1ns);
    const Outcome outcome = stage.finish();
    REQUIRE(outcome.has_error());
    CHECK(outcome.error().code == Errc::connect_timeout);
  }
  SUBCASE("left") {
    Stage stage({silent.address()}, trusting(ca));
    test::ScriptedStream client;
    client.wakes(&stage.sleeper);
    stage.start(&client);
    client.then(Io::Status::ended);
    const Outcome outcome = stage.finish();
    REQUIRE(outcome.has_error());
    CHECK(outcome.error().code == Errc::client_left);
  }
}

TEST_CASE("over TLS a server whom we trust is reached, and its session resumed") {
  test::TestCa ca;
  const test::TlsServer server(ca.leaf(), "greetings");
  Stage stage({loopback(server.port())}, trusting(ca));
  for (int connection = 0; connection < 3; ++connection) {
    const Outcome dialed =
        stage.owned.run(stage.dialer.dial({stage.sleeper, base::kNever, nullptr}));
    REQUIRE(dialed.has_value());
    CHECK(stage.read(*dialed->stream) == "greetings");
    CHECK(server.resumed() == connection);
  }
}

TEST_CASE("an address that shakes no hands leaves time for the next one, which then comes first") {
  test::TestCa ca;
  std::atomic<bool> heard = false;
  const test::RawServer hung([&heard](test::RawConnection& connection) {
    connection.read_bytes(1);
    heard = true;
    connection.await_end();
  });
  const test::TlsServer server(ca.leaf(), "greetings");
  Stage stage({loopback(hung.port()), loopback(server.port())}, trusting(ca));
  stage.start();
  REQUIRE(test::eventually([&] {
    stage.owned.turn();
    return heard.load();
  }));
  stage.owned.advance(5s);
  for (int dial = 0; dial < 2; ++dial) {
    if (dial > 0) stage.start();
    REQUIRE(stage.ends());
    const Outcome dialed = stage.finish();
    REQUIRE(dialed.has_value());
    CHECK(dialed->address == loopback(server.port()));
  }
  CHECK(hung.connections() == 1);
}

TEST_CASE("of many addresses each has time enough, and the next dial begins where this one ended") {
  test::TestCa ca;
  const std::vector<SilentServer> silent(5);
  const test::TlsServer server(ca.leaf(), "greetings");
  net::SocketAddresses addresses;
  for (const SilentServer& one : silent) addresses.push_back(one.address());
  addresses.push_back(loopback(server.port()));
  Stage stage(addresses, trusting(ca));
  stage.start();
  for (int tried = 0; tried < 5; ++tried) {
    CHECK_FALSE(stage.finished());
    stage.owned.advance(2s);
    stage.owned.turn();  // the connect's end was seen, the handshake's deadline is now
  }
  REQUIRE(stage.ends());
  const Outcome late = stage.finish();
  REQUIRE(late.has_error());
  CHECK(late.error().code == Errc::connect_timeout);
  stage.start();
  REQUIRE(stage.ends());
  const Outcome dialed = stage.finish();
  REQUIRE(dialed.has_value());
  CHECK(dialed->address == loopback(server.port()));
}

TEST_CASE("a server that hangs up on its own session is dialled again at once without one") {
  test::TestCa ca;
  const test::TlsServer server(ca.leaf(), "greetings", test::Resumption::hung_up_on);
  Stage stage({loopback(server.port())}, trusting(ca));
  for (int connection = 0; connection < 3; ++connection) {
    const Outcome dialed =
        stage.owned.run(stage.dialer.dial({stage.sleeper, base::kNever, nullptr}));
    REQUIRE(dialed.has_value());
    CHECK(stage.read(*dialed->stream) == "greetings");
    CHECK(server.choked() == connection);
  }
}

TEST_CASE("a session on which a server says nothing is not offered again") {
  test::TestCa ca;
  const test::TlsServer server(ca.leaf(), "greetings", test::Resumption::left_unanswered);
  Stage stage({loopback(server.port())}, trusting(ca));
  // Its first connection, one with the session, and the next one.
  for (const int choked : {0, 1, 1}) {
    CAPTURE(choked);
    const int before = server.choked();
    stage.start();
    REQUIRE(test::eventually([&] {
      stage.owned.turn();
      return stage.finished() || server.choked() > before;
    }));
    CHECK(server.choked() == choked);
    if (!stage.finished()) stage.owned.advance(10s);
    const Outcome outcome = stage.finish();
    if (choked == before) {
      REQUIRE(outcome.has_value());
      CHECK(stage.read(*outcome->stream) == "greetings");
    } else {
      REQUIRE(outcome.has_error());
      CHECK(outcome.error().code == Errc::connect_timeout);
    }
  }
}

TEST_CASE("a server whom we do not trust is not tried at its other addresses") {
  test::TestCa ca;
  const test::TestCa stranger;
  const test::TlsServer server(ca.leaf(), "greetings");
  const SilentServer other;
  struct Case {
    const char* what;
    const test::TestCa& trusted;
    const char* name;
  };
  for (const Case& c : {Case{"another authority", stranger, "localhost"},
                        Case{"another name", ca, "api.example.com"}}) {
    CAPTURE(c.what);
    Stage stage({loopback(server.port()), other.address()}, trusting(c.trusted, c.name));
    const Outcome outcome = stage.run();
    REQUIRE(outcome.has_error());
    CHECK(outcome.error().code == Errc::tls_certificate_untrusted);
  }
  const test::TlsServer expired(ca.leaf({"DNS:localhost"}, true), "greetings");
  Stage stage({loopback(expired.port())}, trusting(ca));
  const Outcome outcome = stage.run();
  REQUIRE(outcome.has_error());
  CHECK(outcome.error().code == Errc::tls_certificate_untrusted);
  CHECK(outcome.error().detail.find("expired") != std::string::npos);
}

TEST_CASE("a server that speaks no TLS is tried at its other addresses") {
  test::TestCa ca;
  const test::RawServer plain([](test::RawConnection& connection) {
    connection.write("HTTP/1.1 400 Bad Request\r\n\r\n");
    connection.await_end();
  });
  const test::TlsServer server(ca.leaf(), "greetings");
  Stage alone({loopback(plain.port())}, trusting(ca));
  const Outcome outcome = alone.run();
  REQUIRE(outcome.has_error());
  CHECK(outcome.error().code == Errc::tls_handshake_failed);

  Stage stage({loopback(plain.port()), loopback(server.port())}, trusting(ca));
  const Outcome dialed = stage.run();
  REQUIRE(dialed.has_value());
  CHECK(dialed->address == loopback(server.port()));
}

}  // namespace net_dialer_test
