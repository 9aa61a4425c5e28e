// Connections that a 101 turns into tunnels.
#include <doctest/doctest.h>
#include <openssl/ssl.h>

#include <array>
#include <string>

#include "tests/integration/relay/stage.h"
#include "tests/support/raw_server.h"
#include "tests/support/test_ca.h"
#include "tests/support/tls_server.h"

using namespace bearer;
using namespace bearer::test;
using namespace std::chrono_literals;

namespace {

constexpr const char* kHandshake =
    "GET /socket HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
constexpr const char* kSwitch =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";

struct Joined {
  RawSocket client, upstream;
};

Joined join(Stage& stage) {
  RawSocket client = stage.client();
  client.send(kHandshake);
  RawSocket upstream = stage.upstream.accept();
  const RawMessage handshake = read_head(upstream);
  CHECK(handshake.has("Upgrade: websocket"));
  CHECK(handshake.has("Authorization: Bearer one"));
  upstream.send(kSwitch);
  CHECK(read_head(client).status() == 101);
  return {std::move(client), std::move(upstream)};
}

}  // namespace

TEST_CASE("after a 101 bytes pass both ways, and each side's end on its own") {
  Stage stage;
  Joined tunnel = join(stage);
  tunnel.client.send("ping");
  CHECK(tunnel.upstream.read_bytes(4) == "ping");
  tunnel.upstream.send("pong");
  CHECK(tunnel.client.read_bytes(4) == "pong");
  tunnel.client.half_close();
  CHECK(tunnel.upstream.read_to_end().empty());
  tunnel.upstream.send("still here");
  CHECK(tunnel.client.read_bytes(10) == "still here");
  tunnel.upstream.close();
  CHECK(tunnel.client.read_to_end().empty());
}

TEST_CASE("bytes that came with either side's handshake are in the tunnel") {
  Stage stage;
  RawSocket client = stage.client();
  client.send(std::string(kHandshake) + "early");
  RawSocket upstream = stage.upstream.accept();
  read_head(upstream);
  upstream.send(std::string(kSwitch) + "first");
  CHECK(upstream.read_bytes(5) == "early");
  CHECK(read_head(client).status() == 101);
  CHECK(client.read_bytes(5) == "first");
}

TEST_CASE("a tunnel's handshake that gets a 401 is replayed with a fresh token") {
  Stage stage;
  stage.tokens.issue_when_rejected({"two"});
  RawSocket client = stage.client();
  client.send(kHandshake);
  RawSocket upstream = stage.upstream.accept();
  read_head(upstream);
  upstream.send(answer("401 Unauthorized", "no"));
  CHECK(read_head(upstream).has("Authorization: Bearer two"));
  upstream.send(kSwitch);
  const RawMessage joined = read_head(client);
  CHECK(joined.status() == 101);
  CHECK(joined.has("Bearer-Proxy-Attempts: 2"));
}

TEST_CASE("an upgrade that is answered without one is an answer like any other") {
  Stage stage;
  RawSocket client = stage.client();
  client.send(kHandshake);
  RawSocket upstream = stage.upstream.accept();
  read_head(upstream);
  upstream.send(answer("200 OK", "no socket here"));
  CHECK(read_message(client).status() == 200);
}

TEST_CASE("a 101 that nobody asked for, or to another HTTP, is a 502") {
  for (const bool asked : {false, true}) {
    CAPTURE(asked);
    Stage stage;
    RawSocket client = stage.client();
    client.send(asked ? kHandshake : get());
    RawSocket upstream = stage.upstream.accept();
    read_head(upstream);
    upstream.send("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: " +
                  std::string(asked ? "h2c" : "websocket") + "\r\n\r\n");
    CHECK(read_message(client).status() == 502);
  }
}

TEST_CASE("a tunnel in which nothing moves for idle-timeout is closed") {
  Stage stage([](Stage::Settings& settings) { settings.route().idle_timeout = 30s; });
  Joined tunnel = join(stage);
  stage.settle();
  stage.advance(29s);
  tunnel.client.send("x");
  CHECK(tunnel.upstream.read_bytes(1) == "x");
  stage.settle();
  stage.advance(29s);
  CHECK(tunnel.client.quiet());
  stage.advance(1s);
  CHECK(tunnel.client.await_end() == RawSocket::End::reset);
  CHECK(tunnel.upstream.await_end() == RawSocket::End::reset);
}

TEST_CASE("a tunnel that breaks on one side breaks on the other, and never looks whole") {
  for (const bool by_client : {false, true}) {
    CAPTURE(by_client);
    Stage stage;
    Joined tunnel = join(stage);
    tunnel.client.send("ping");
    CHECK(tunnel.upstream.read_bytes(4) == "ping");
    (by_client ? tunnel.client : tunnel.upstream).reset();
    CHECK((by_client ? tunnel.upstream : tunnel.client).await_end() == RawSocket::End::reset);
    const Observations::Exchange end = stage.seen.exchange(1);
    CHECK(end.request_bytes == 4);
    CHECK_FALSE(end.whole);
  }
}

TEST_CASE("once a tunnel's client has ended its side or left, how the upstream ends is no cut") {
  for (const bool leaves : {false, true}) {
    CAPTURE(leaves);
    Stage stage;
    Joined tunnel = join(stage);
    tunnel.client.send("bye");
    CHECK(tunnel.upstream.read_bytes(3) == "bye");
    if (leaves) {
      tunnel.client.close();
    } else {
      tunnel.client.half_close();
    }
    CHECK(tunnel.upstream.read_to_end().empty());
    tunnel.upstream.reset();
    CHECK(stage.seen.exchange(1).whole);
    CHECK(stage.seen.cuts() == 0);
  }
}

TEST_CASE("an upstream that has ended its side is not blamed for what it does not take after") {
  Stage stage;
  Joined tunnel = join(stage);
  tunnel.upstream.send("last");
  tunnel.upstream.half_close();
  CHECK(tunnel.client.read_to_end() == "last");
  tunnel.upstream.reset();
  tunnel.client.send("too late");
  CHECK(stage.seen.exchange(1).whole);
  CHECK(stage.seen.cuts() == 0);
}

TEST_CASE("over TLS a tunnel's upstream may end without close_notify, for what it sent is whole") {
  TestCa ca;
  const SslContext context = tls_server_context(ca.leaf(), TLS1_3_VERSION);
  RawServer upstream([&](RawConnection& connection) {
    const Ssl ssl(SSL_new(context.get()), SSL_free);
    SSL_set_fd(ssl.get(), connection.fd());
    if (SSL_accept(ssl.get()) != 1) return;
    std::array<char, 4096> handshake;
    if (SSL_read(ssl.get(), handshake.data(), handshake.size()) <= 0) return;
    const std::string said = std::string(kSwitch) + "last words";
    SSL_write(ssl.get(), said.data(), static_cast<int>(said.size()));
  });
  Stage stage([&](Stage::Settings& settings) {
    settings.route().upstream = {true, "127.0.0.1", upstream.port(), ""};
    settings.route().ca_file = ca.ca_file();
  });
  RawSocket client = stage.client();
  client.send(kHandshake);
  CHECK(read_head(client).status() == 101);
  CHECK(client.read_to_end() == "last words");
  client.close();
  CHECK(stage.seen.exchange(1).whole);
  CHECK(stage.seen.cuts() == 0);
}

TEST_CASE("an upstream that breaks a tunnel which neither side has ended is blamed for it") {
  Stage stage;
  Joined tunnel = join(stage);
  tunnel.upstream.send("half");
  CHECK(tunnel.client.read_bytes(4) == "half");
  tunnel.upstream.reset();
  CHECK_FALSE(stage.seen.exchange(1).whole);
  CHECK(stage.seen.cuts() == 1);
}

TEST_CASE("a peer of a tunnel that stops reading makes the other one wait, and costs no memory") {
  Stage stage;
  Joined tunnel = join(stage);
  constexpr std::size_t kMore = 256u << 20;
  CHECK(stage.stuff(tunnel.client, kMore) < kMore);
  tunnel.upstream.send("the other direction still moves");
  CHECK(tunnel.client.read_bytes(31) == "the other direction still moves");
}
