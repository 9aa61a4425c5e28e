// Tunnels: WebSockets by Debian's python3-websockets on both ends, and the ends of a raw one.
#include <doctest/doctest.h>

#include <csignal>
#include <fstream>
#include <string>

#include "tests/support/source_tree.h"
#include "tests/support/temporary_directory.h"
#include "tests/system/curl.h"
#include "tests/system/proxy.h"
#include "tests/system/upstream.h"

using namespace bearer::test;
using Json = nlohmann::json;

namespace {

constexpr int kBytes = 8 << 20;

/// Debian's own Python: the package is for no other.
Strings python(const std::string& script, const Strings& arguments = {}) {
  return Strings{"/usr/bin/python3", source_tree() / "tests/system/websocket" / script} + arguments;
}

/// A WebSocket that is open, and over which everything has been echoed.
struct OpenSocket {
  explicit OpenSocket(const Strings& flags = {})
      : proxy("http://127.0.0.1:" + server.read_line(), tokens, flags),
        client(python("client.py",
                      {"ws://" + proxy.authority() + "/events", std::to_string(kBytes)})) {
    REQUIRE(client.read_line() == "attempts 2");
    REQUIRE(client.read_line() == "echoed");
  }
  ~OpenSocket() { server.close_stdin(); }

  const Sandbox tokens;
  Program server{python("server.py")};
  Proxy proxy;
  Program client;
};

/// What a client sends of a message: its frame's header, mask included, and the data.
constexpr int frame(int bytes) {
  constexpr int kMask = 4;
  return (bytes < 126 ? 2 : bytes < 65536 ? 4 : 10) + kMask + bytes;
}

}  // namespace

TEST_CASE("a WebSocket's handshake gets a token, is replayed after a 401, and its bytes pass") {
  const TemporaryDirectory folder;
  const std::string log = folder.path("access.log");
  OpenSocket open({"--access-log", log});
  CHECK(open.server.read_line() == "refused");
  CHECK(open.server.read_line() == "accepted");
  open.client.close_stdin();
  CHECK(open.client.read_line() == "closed 1000");  // the closing handshake passed too
  CHECK(open.client.wait() == 0);
  open.proxy.end();

  const Json line = Json::parse(std::ifstream(log));
  CHECK(line.at("status") == 101);
  CHECK(line.at("path") == "/events");
  CHECK(line.at("attempts") == 2);
  CHECK(line.at("whole") == true);
  constexpr int kCode = 2;  // of the close frame
  constexpr int kSent = frame(5) + frame(kBytes) + frame(3) + frame(kCode);
  constexpr int kMasks = 4 * 4;  // a server sends none
  CHECK(line.at("request_bytes") == kSent);
  CHECK(line.at("response_bytes") == kSent - kMasks);
}

TEST_CASE("an open WebSocket goes on while the proxy drains, which ends with it") {
  OpenSocket open;
  open.proxy.program().signal(SIGTERM);
  open.proxy.program().await_error("draining");
  open.client.close_stdin();  // one more word, and the closing handshake
  CHECK(open.client.read_line() == "closed 1000");
  CHECK(open.proxy.program().wait() == 0);
}

TEST_CASE("a WebSocket that outlives the drain is cut, which is not clean") {
  OpenSocket open({"--drain-timeout", "50ms"});
  open.proxy.program().signal(SIGTERM);
  CHECK(open.proxy.program().wait() == 1);
  CHECK(open.client.read_line() == "closed 1006");  // abnormally, as RFC 6455 numbers it
}

TEST_CASE("each side of a tunnel ends its own direction, and the other one goes on") {
  const Sandbox tokens;
  Upstream upstream;
  const Proxy proxy(upstream.origin(), tokens);
  const std::string upgrade = "Connection: Upgrade\r\nUpgrade: echo\r\n";
  RawSocket client = RawSocket::connect(proxy.port());
  client.send(get("/", upgrade));
  RawSocket served = upstream.take_request();
  served.send("HTTP/1.1 101 Switching Protocols\r\n" + upgrade + "\r\n");
  CHECK(read_head(client).status() == 101);
  client.send("the last of it");
  client.half_close();
  CHECK(served.read_to_end() == "the last of it");
  served.send("still here");
  CHECK(client.read_bytes(10) == "still here");
  served.close();
  CHECK(client.read_to_end() == "");
}

TEST_CASE("a WebSocket that both sides have closed may end in a reset, and one alone may not") {
  const Sandbox tokens;
  Upstream upstream;
  Proxy proxy(upstream.origin(), tokens);
  const std::string close = "\x88\x02\x0f\xa1", masked = "\x88\x82\x11\x22\x33\x44\x12\xca";
  for (const bool both : {true, false}) {
    CAPTURE(both);
    const std::string upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\n";
    RawSocket client = RawSocket::connect(proxy.port());
    client.send(get(both ? "/both" : "/one", upgrade));
    RawSocket served = upstream.take_request();
    served.send("HTTP/1.1 101 Switching Protocols\r\n" + upgrade + "\r\n");
    CHECK(read_head(client).status() == 101);
    if (both) {
      client.send(masked);
      CHECK(served.read_bytes(masked.size()) == masked);
    }
    served.send(close);
    CHECK(client.read_bytes(close.size()) == close);
    served.reset();
    CHECK(client.await_end() == (both ? RawSocket::End::closed : RawSocket::End::reset));
  }
  proxy.program().signal(SIGTERM);
  CHECK(proxy.program().wait() == 0);
  const std::string said = proxy.program().errors();
  CHECK(said.find("path=/one") != std::string::npos);
  CHECK(said.find("path=/both") == std::string::npos);
}
