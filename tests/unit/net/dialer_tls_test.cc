#include "net/dialer.h"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <string>
#include <vector>

#include "tests/support/dial_stage.h"
#include "tests/support/scripted_stream.h"
#include "tests/support/tls_server.h"

using namespace bearer;
using namespace std::chrono_literals;
using base::Errc;
using net::Io;
using test::loopback;
using test::SilentServer;
using test::trusting;
using Outcome = base::Result<net::Dialed>;
using Stage = test::DialStage;

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
    client.set_waiter(&stage.sleeper);
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
    const Outcome dialed = stage.owned.run(
        stage.dialer.dial({stage.sleeper, base::kNever, nullptr}, net::Alpn::http_1_1));
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
    const Outcome dialed = stage.owned.run(
        stage.dialer.dial({stage.sleeper, base::kNever, nullptr}, net::Alpn::http_1_1));
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
  const base::Error& error = outcome.error();
  CAPTURE(error.sentence());
  for (const char* part :
       {"expired", "the certificate of 'localhost', issued by 'bearer test authority ",
        " ended on 20", "this machine's clock says 20", "renewed"}) {
    CAPTURE(part);
    CHECK(error.sentence().find(part) != std::string::npos);
  }
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
