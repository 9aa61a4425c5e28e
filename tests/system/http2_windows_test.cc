// Peers of HTTP/2 that do not open their windows: what waits for them has an owner and an end.
#include <doctest/doctest.h>

#include <csignal>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "tests/support/h2_frames.h"
#include "tests/support/raw_message.h"
#include "tests/support/raw_socket.h"
#include "tests/support/said.h"
#include "tests/support/stranger.h"
#include "tests/support/temporary_directory.h"
#include "tests/system/curl.h"
#include "tests/system/proxy.h"
#include "tests/system/upstream.h"

using namespace bearer::test;

namespace {

constexpr std::uint16_t kMaxConcurrentStreams = 3, kInitialWindow = 4;
constexpr std::uint32_t kCancel = 8, kInternalError = 2;
constexpr std::size_t kFirstWindow = 65'535;

/// The far side of a connection, frame by frame.
class Peer {
 public:
  explicit Peer(RawSocket socket) : socket_(std::move(socket)) {}

  void say(std::string_view frames) { socket_.send(frames); }
  template <typename Seen>
  void read_until(Seen seen) {
    while (!seen()) read_frame();
  }
  void read_preface() { socket_.read_until("SM\r\n\r\n"); }
  bool ends() { return socket_.await_end() == RawSocket::End::closed; }
  const H2Reader::Stream& stream(std::uint32_t id) { return reader_->stream(id); }

 private:
  void read_frame() {
    constexpr std::size_t kFrameHeaderBytes = 9;
    const std::string header = socket_.read_bytes(kFrameHeaderBytes);
    std::size_t length = 0;
    for (const char byte : header.substr(0, 3))
      length = length * 256 + static_cast<unsigned char>(byte);
    reader_->feed(header + socket_.read_bytes(length));
  }

  RawSocket socket_;
  std::unique_ptr<H2Reader> reader_ = std::make_unique<H2Reader>();
};

/// An API of HTTP/2 that accepts a job before it has read all of it, and reads no further.
struct Api {
  explicit Api(const Strings& flags = {})
      : proxy(upstream.origin(), tokens, Strings{"--upstream-http", "2"} + flags) {}

  Peer accepts_job(std::size_t bytes) {
    RawSocket client = RawSocket::connect(proxy.port());
    client.send(post(std::string(bytes, 'j')));
    Peer api(upstream.accept());
    api.read_preface();
    api.say(h2::settings({{kMaxConcurrentStreams, 1}}));
    api.read_until([&] { return api.stream(1).body.size() == kFirstWindow; });
    api.say(h2::head(1, {{":status", "202"}}));
    CHECK(read_message(client).status() == 202);
    return api;
  }

  const Sandbox tokens;
  Upstream upstream;
  Proxy proxy;
};

}  // namespace

TEST_CASE("an upload that was answered early is sent to its end before the proxy ends") {
  constexpr std::size_t kJobBytes = 73'000;
  Api api;
  Peer server = api.accepts_job(kJobBytes);
  api.proxy.program().signal(SIGTERM);
  api.proxy.program().await_error("drain");
  server.say(h2::window(0, kJobBytes) + h2::window(1, kJobBytes));
  server.read_until([&] { return server.stream(1).ended; });
  CHECK(server.stream(1).body == std::string(kJobBytes, 'j'));
  CHECK(api.proxy.program().wait() == 0);
}

namespace {

/// `exec` of a program whose last act is to send a job of 71,000 bytes.
struct LastAct {
  explicit LastAct(const Strings& flags = {})
      : exec(
            proxy_command(Strings{"exec", "--upstream", upstream.origin(), "--upstream-http", "2"} +
                          credential_of(tokens) + flags +
                          Strings{"--", "sh", "-c",
                                  "echo $$; exec curl -s -H Expect: --data-binary @" + file +
                                      " $BEARER_PROXY_URL/jobs"}),
            kSandboxSecret),
        program(std::stoi(exec.read_line())),
        server(upstream.accept()) {
    server.read_preface();
    server.say(h2::settings());
    server.read_until([&] { return server.stream(1).body.size() == kFirstWindow; });
    server.say(h2::head(1, {{":status", "202"}}));
    CHECK(program.await_end());
  }

  const std::string body = std::string(71'000, 'l');
  const Sandbox tokens;
  Upstream upstream;
  const TemporaryDirectory folder;
  const std::string file = folder.write("job", body);
  Program exec;
  const Stranger program;
  Peer server;
};

}  // namespace

TEST_CASE("an upload that was answered early is sent to its end though exec's program has ended") {
  LastAct last;
  last.server.say(h2::window(0, 71'000) + h2::window(1, 71'000));
  last.server.read_until([&] { return last.server.stream(1).ended; });
  CHECK(last.server.stream(1).body == last.body);
  CHECK(last.exec.wait() == 0);
}

TEST_CASE("exec says that an upload's end could not be sent, and does not wait on and on") {
  LastAct last({"--drain-timeout", "100ms"});
  CHECK(last.exec.wait() == 0);
  CHECK(says(last.exec.errors(), "not sent to its end"));
}

TEST_CASE("an upload that was answered early and is not taken to its end is no clean end") {
  Api api({"--drain-timeout", "200ms"});
  Peer server = api.accepts_job(66'000);
  api.proxy.program().signal(SIGTERM);
  CHECK(api.proxy.program().wait() == 1);
}

TEST_CASE("an upload that was answered early frees its stream, and the log says what is missing") {
  Api api({"--idle-timeout", "1s"});
  Peer server = api.accepts_job(72'500);
  server.read_until([&] { return server.stream(1).reset; });
  CHECK(server.stream(1).code == kCancel);
  const std::string said = api.proxy.program().await_error("not sent to its end");
  CHECK(says(said, "answered 202 before the request's end, and took 65535 bytes of it"));
  // The server allows one stream at a time.
  RawSocket client = RawSocket::connect(api.proxy.port());
  client.send(get("/next"));
  server.read_until([&] { return server.stream(3).ended; });
  server.say(h2::head(3, {{":status", "204"}}));
  CHECK(read_message(client).status() == 204);
  api.proxy.end();
}

namespace {

/// A client of HTTP/2 that opens its window for a part of its answer.
struct Reader {
  explicit Reader(const Strings& flags = {}) : proxy(upstream.origin(), tokens, flags) {
    client.say(h2::hello({{kInitialWindow, 900}}) + h2::head(1, h2::request("GET", "/report")));
    upstream.take_request().send(answer("200 OK", body));
    client.read_until([&] { return client.stream(1).body.size() == 900; });
  }

  const std::string body = std::string(50'000, 'r');
  const Sandbox tokens;
  Upstream upstream;
  Proxy proxy;
  Peer client{RawSocket::connect(proxy.port())};
};

}  // namespace

TEST_CASE("a client of HTTP/2 that reads slowly has its answer whole before the proxy ends") {
  Reader slow;
  slow.proxy.program().signal(SIGTERM);
  slow.proxy.program().await_error("drain");
  slow.client.say(h2::window(1, 60'000));
  slow.client.read_until([&] { return slow.client.stream(1).ended; });
  CHECK(slow.client.stream(1).body == slow.body);
  CHECK(slow.client.ends());
  CHECK(slow.proxy.program().wait() == 0);
}

TEST_CASE("an answer that its client of HTTP/2 has not read when the proxy ends is cut") {
  Reader slow({"--drain-timeout", "200ms"});
  slow.proxy.program().signal(SIGTERM);
  CHECK(slow.proxy.program().wait() == 1);
}

TEST_CASE("a client of HTTP/2 that stops reading has its stream reset, and the log says so") {
  Reader slow({"--idle-timeout", "1s"});
  slow.client.read_until([&] { return slow.client.stream(1).reset; });
  CHECK(slow.client.stream(1).code == kInternalError);
  CHECK(slow.client.stream(1).body.size() == 900);
  slow.proxy.program().await_error("the client took nothing for too long");
  slow.proxy.end();
}
