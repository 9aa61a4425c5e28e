#include "net/dialer.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>

#include <chrono>
#include <optional>
#include <string>

#include "net/connect.h"

#include "tests/support/dial_stage.h"
#include "tests/support/raw_socket.h"
#include "tests/support/scripted_stream.h"
#include "tests/support/tls_server.h"

using namespace bearer;
using namespace std::chrono_literals;
using base::Errc;
using net::Io;
using net::SocketAddress;
using test::closed_port;
using test::loopback;
using test::OwnedLoop;
using test::SilentServer;
using test::trusting;
using Outcome = base::Result<net::Dialed>;
using Stage = test::DialStage;

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

TEST_CASE("a connection that is taken only to be reset at once is a refused one") {
  test::RawListener listener;
  OwnedLoop owned;
  net::Sleeper sleeper(owned.loop());
  std::optional<base::Error> fault;
  const auto dial = [&]() -> net::Task<void> {
    const auto stream =
        co_await net::connect(owned.loop(), loopback(listener.port()), owned.wait(sleeper));
    if (!stream) fault = stream.error();
  };
  net::Task<void> dialing = dial();
  dialing.start();
  listener.accept().reset();  // before the loop hears that it is connected
  CHECK(test::eventually([&] {
    owned.turn();
    return fault.has_value();
  }));
  REQUIRE(fault.has_value());
  CHECK(base::name(fault->code) == "connect_refused");
  CHECK(fault->detail == "Connection reset by peer");
}

TEST_CASE("a name that does not resolve fails the dial") {
  OwnedLoop owned;
  net::Resolver resolver([](const std::string&, std::uint16_t) {
    return base::Result<net::SocketAddresses>(base::Error{Errc::resolve_failed, "no such name"});
  });
  net::TcpDialer dialer(owned.loop(), resolver, "api.example.com", 80, nullptr);
  net::Sleeper sleeper(owned.loop());
  const Outcome outcome =
      owned.run(dialer.dial({sleeper, base::kNever, nullptr}, net::Alpn::http_1_1));
  REQUIRE(outcome.has_error());
  CHECK(outcome.error().code == Errc::resolve_failed);
}

TEST_CASE("asking whether an address is still the server's finds out that it has moved") {
  const SilentServer old_server, new_server;
  OwnedLoop owned;
  test::NameServer names{net::SocketAddresses{old_server.address()}};
  net::TcpDialer dialer(owned.loop(), names.resolver(), "api.example.com", 80, nullptr);
  net::Sleeper sleeper(owned.loop());
  REQUIRE(
      owned.run(dialer.dial({sleeper, base::kNever, nullptr}, net::Alpn::http_1_1)).has_value());
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
  client.set_waiter(&stage.sleeper);
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

TEST_CASE(
    "without TLS a metadata server's name leads to this link, whatever the name server says") {
  const SilentServer server;
  net::SocketAddress elsewhere = server.address();  // 192.0.2.7 (RFC 5737), where nobody is
  reinterpret_cast<sockaddr_in&>(elsewhere.storage).sin_addr.s_addr = htonl(0xc0000207);
  OwnedLoop owned;
  test::NameServer names{net::SocketAddresses{elsewhere}};
  net::Sleeper sleeper(owned.loop());
  net::TcpDialer dialer(owned.loop(), names.resolver(), "metadata.google.internal", 80, nullptr);
  const Outcome refused =
      owned.run(dialer.dial({sleeper, base::kNever, nullptr}, net::Alpn::http_1_1));
  REQUIRE(refused.has_error());
  CHECK(refused.error().code == Errc::connect_unreachable);
  CHECK(refused.error().detail.starts_with(elsewhere.text() + " is not link-local"));

  // As a test's, or a sidecar that stands in for it.
  names.says(net::SocketAddresses{elsewhere, server.address()});
  net::TcpDialer next(owned.loop(), names.resolver(), "metadata.google.internal", 80, nullptr);
  const Outcome dialed =
      owned.run(next.dial({sleeper, base::kNever, nullptr}, net::Alpn::http_1_1));
  REQUIRE(dialed.has_value());
  CHECK(dialed->address == server.address());
}

TEST_CASE("without TLS a loopback name leads to this machine, whatever the name server says") {
  const SilentServer server;
  net::SocketAddress elsewhere = server.address();  // 192.0.2.7 (RFC 5737), where nobody is
  reinterpret_cast<sockaddr_in&>(elsewhere.storage).sin_addr.s_addr = htonl(0xc0000207);
  OwnedLoop owned;
  test::NameServer names{net::SocketAddresses{elsewhere}};
  net::Sleeper sleeper(owned.loop());
  net::TcpDialer dialer(owned.loop(), names.resolver(), "api.localhost", 80, nullptr);
  const Outcome refused =
      owned.run(dialer.dial({sleeper, base::kNever, nullptr}, net::Alpn::http_1_1));
  REQUIRE(refused.has_error());
  CHECK(refused.error().code == Errc::connect_unreachable);
  CHECK(refused.error().detail.starts_with(elsewhere.text() + " is not this machine"));
  CHECK(refused.error().fix.find("--insecure-http") != std::string::npos);

  names.says(net::SocketAddresses{elsewhere, server.address()});
  net::TcpDialer next(owned.loop(), names.resolver(), "LOCALHOST", 80, nullptr);
  const Outcome dialed =
      owned.run(next.dial({sleeper, base::kNever, nullptr}, net::Alpn::http_1_1));
  REQUIRE(dialed.has_value());
  CHECK(dialed->address == server.address());
}
