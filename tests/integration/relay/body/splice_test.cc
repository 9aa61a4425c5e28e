// Large bodies and tunnels between plain sockets, whose bytes pass through pipes in the kernel.
#include <doctest/doctest.h>

#include <filesystem>
#include <future>
#include <string>
#include <vector>

#include "net/pipe.h"
#include "tests/integration/relay/stage.h"
#include "tests/support/no_descriptors.h"

using namespace bearer;
using namespace bearer::test;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t kBytes = 9'000'011;

/// No two pieces of it are alike.
const std::string& large_body() {
  static const std::string kBody = [] {
    std::string whole(kBytes, '\0');
    std::uint32_t state = 7;
    for (char& c : whole) c = static_cast<char>((state = state * 1'664'525 + 1'013'904'223) >> 24);
    return whole;
  }();
  return kBody;
}

/// The ends of pipes that this process holds, and all its descriptors.
struct Descriptors {
  std::size_t pipes = 0, all = 0;
};

Descriptors open_descriptors() {
  Descriptors open;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code gone;  // the one that lists them
    const std::string name = std::filesystem::read_symlink(entry.path(), gone);
    open.pipes += name.starts_with("pipe:");
    ++open.all;
  }
  return open;
}

/// Sends the beginning to the proxy at once, as a faster sender would. A thread of its own sends
/// the rest, because the proxy takes no more than it can pass on.
std::future<bool> sending(Stage& stage, RawSocket& socket, const std::string& bytes) {
  constexpr std::size_t kAtOnce = 150'000;
  stage.at_once([&] { socket.send(bytes.substr(0, kAtOnce)); });
  return std::async(std::launch::async,
                    [&socket, rest = bytes.substr(kAtOnce)] { return socket.try_send(rest); });
}

std::string sized_head(std::size_t bytes, std::string_view more = {}) {
  return "HTTP/1.1 200 OK\r\n" + std::string(more) + "Content-Length: " + std::to_string(bytes) +
         "\r\n\r\n";
}

std::string post_head(std::size_t bytes) {
  return "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + std::to_string(bytes) +
         "\r\n\r\n";
}

/// Uploads of more than a kilobyte are sent once.
void keep_little(Stage::Settings& settings) {
  settings.route().replay_bytes_max = 1000;
}

}  // namespace

TEST_CASE("a large download passes through pipes byte for byte, and both connections go on") {
  const std::size_t pipes_before = open_descriptors().pipes;
  Stage stage;
  RawSocket client = stage.client();
  client.send(get("/large"));
  RawSocket upstream = stage.take_request();
  for (std::size_t time = 0; time < 2; ++time) {
    std::future<bool> sent = sending(stage, upstream, sized_head(kBytes) + large_body());
    const RawMessage response = read_message(client);
    CHECK(response.status() == 200);
    CHECK((response.body == large_body()));
    CHECK(sent.get());
    CHECK(stage.seen.exchange(2 * time + 1).response_bytes == kBytes);
    CHECK(open_descriptors().pipes > pipes_before);  // the spare one

    client.send(get("/small"));
    read_message(upstream);
    upstream.send(answer("200 OK", "and a small one"));
    CHECK(read_message(client).body == "and a small one");
    client.send(get("/large"));
    read_message(upstream);
  }
  CHECK(open_descriptors().pipes <= pipes_before + 2 * net::PipePool::kSparePipesMax);
}

TEST_CASE("a large upload passes through pipes byte for byte where it is not kept") {
  const std::size_t pipes_before = open_descriptors().pipes;
  for (const bool kept : {true, false}) {
    CAPTURE(kept);
    Stage stage(kept ? Stage::Adjust() : keep_little);
    RawSocket client = stage.client();
    std::future<bool> sent = sending(stage, client, post_head(kBytes) + large_body());
    RawSocket upstream = stage.upstream.accept();
    CHECK((read_message(upstream).body == large_body()));
    CHECK(sent.get());
    CHECK((open_descriptors().pipes > pipes_before) == !kept);
    upstream.send(answer("200 OK", "thanks"));
    CHECK(read_message(client).body == "thanks");
    CHECK(stage.seen.exchange(1).request_bytes == kBytes);
    CHECK(stage.seen.exchange(1).whole);
  }
  CHECK(open_descriptors().pipes == pipes_before);
}

TEST_CASE("bytes behind a large response are never the next response") {
  Stage stage;
  RawSocket client = stage.client();
  client.send(get("/large"));
  RawSocket upstream = stage.take_request();
  std::future<bool> sent =
      sending(stage, upstream, sized_head(kBytes) + large_body() + answer("200 OK", "smuggled"));
  CHECK((read_message(client).body == large_body()));
  sent.get();
  client.send(get("/next"));
  RawSocket fresh = stage.take_request();
  fresh.send(answer("200 OK", "the real one"));
  CHECK(read_message(client).body == "the real one");
}

TEST_CASE("an upstream that breaks off in the middle of a large body cuts it for the client too") {
  for (const bool reset : {false, true}) {
    for (const bool until_close : {false, true}) {
      if (until_close && !reset) continue;  // that is its end
      CAPTURE(reset);
      Stage stage([](Stage::Settings& settings) { settings.route().resume_downloads = false; });
      RawSocket client = stage.client();
      client.send(get("/large"));
      RawSocket upstream = stage.take_request();
      const std::string half = large_body().substr(0, kBytes / 2);
      std::future<bool> sent = sending(
          stage, upstream, (until_close ? "HTTP/1.0 200 OK\r\n\r\n" : sized_head(kBytes)) + half);
      const std::string head = client.read_until("\r\n\r\n");
      const bool chunked = head.find("chunked") != std::string::npos;
      if (!chunked) CHECK((client.read_bytes(half.size()) == half));
      if (chunked) client.read_bytes(half.size());
      CHECK(sent.get());
      reset ? upstream.reset() : upstream.close();
      client.await_end();
      const Observations::Exchange end = stage.seen.exchange(1);
      CHECK_FALSE(end.whole);
      CHECK(stage.seen.cuts() == 1);
    }
  }
}

TEST_CASE(
    "to a client of HTTP/1.0 a large body until the end of the connection is whole or reset") {
  for (const bool reset : {false, true}) {
    CAPTURE(reset);
    Stage stage;
    RawSocket client = stage.client();
    client.send("GET /large HTTP/1.0\r\nHost: localhost\r\n\r\n");
    RawSocket upstream = stage.take_request();
    std::future<bool> sent = sending(stage, upstream, "HTTP/1.0 200 OK\r\n\r\n" + large_body());
    read_head(client);
    CHECK((client.read_bytes(kBytes) == large_body()));
    CHECK(sent.get());
    reset ? upstream.reset() : upstream.close();
    CHECK(client.await_end() == (reset ? RawSocket::End::reset : RawSocket::End::closed));
    CHECK(stage.seen.exchange(1).whole == !reset);
    CHECK(stage.seen.exchange(1).response_bytes == kBytes);
  }
}

TEST_CASE("a download that breaks off in a pipe is continued at the right byte") {
  Stage stage([](Stage::Settings& settings) { settings.route().retry.backoff_base = 0s; });
  RawSocket client = stage.client();
  client.send(get("/large"));
  RawSocket upstream = stage.take_request();
  const std::string tag = "ETag: \"v1\"\r\n";
  constexpr std::size_t kFirst = 3'000'017;
  std::future<bool> sent =
      sending(stage, upstream, sized_head(kBytes, tag) + large_body().substr(0, kFirst));
  read_head(client);
  CHECK((client.read_bytes(kFirst) == large_body().substr(0, kFirst)));
  CHECK(sent.get());
  upstream.close();
  RawSocket second = stage.upstream.accept();
  const RawMessage asked = read_head(second);
  CHECK(asked.value("Range") ==
        "bytes=" + std::to_string(kFirst) + "-" + std::to_string(kBytes - 1));
  const std::string rest = large_body().substr(kFirst);
  sent = sending(stage, second,
                 "HTTP/1.1 206 Partial Content\r\n" + tag + "Content-Range: bytes " +
                     std::to_string(kFirst) + "-" + std::to_string(kBytes - 1) + "/" +
                     std::to_string(kBytes) + "\r\nContent-Length: " + std::to_string(rest.size()) +
                     "\r\n\r\n" + rest);
  CHECK((client.read_bytes(rest.size()) == rest));
  CHECK(sent.get());
  CHECK(stage.seen.exchange(1).response_bytes == kBytes);
}

TEST_CASE(
    "a client that stops reading with a full pipe is cut off after idle-timeout, pipe and all") {
  const std::size_t pipes_before = open_descriptors().pipes;
  {
    Stage stage([](Stage::Settings& settings) { settings.route().idle_timeout = 30s; });
    RawSocket client = stage.client(4096);
    client.send(get("/large"));
    RawSocket upstream = stage.take_request();
    constexpr std::size_t kEndless = std::size_t{1} << 40;
    upstream.send(sized_head(kEndless));
    read_head(client);
    CHECK(stage.stuff(upstream, 256u << 20) < 256u << 20);  // it is not read without end
    CHECK(open_descriptors().pipes > pipes_before);
    stage.settle();
    stage.advance(29s);
    CHECK(stage.seen.cuts() == 0);
    stage.advance(1s);
    CHECK_FALSE(stage.seen.exchange(1).whole);
    CHECK(stage.seen.cuts() == 1);
    CHECK(upstream.await_end() == RawSocket::End::reset);
    stage.settle();
    CHECK(open_descriptors().pipes == pipes_before);  // a pipe with that client's bytes is not kept
  }
  CHECK(open_descriptors().pipes == pipes_before);
}

TEST_CASE(
    "a client that leaves in the middle of a large body takes the upstream's connection along") {
  const std::size_t before = open_descriptors().all;
  {
    Stage stage;
    RawSocket client = stage.client(4096);
    client.send(get("/large"));
    RawSocket upstream = stage.take_request();
    upstream.send(sized_head(std::size_t{1} << 40));
    read_head(client);
    stage.stuff(upstream, 64u << 20);
    client.reset();
    upstream.await_end();
    CHECK_FALSE(stage.seen.exchange(1).whole);
  }
  CHECK(open_descriptors().all == before);
}

TEST_CASE("where no descriptor is left, large bodies are copied") {
  Stage stage;
  const std::size_t pipes_before = open_descriptors().pipes;
  RawSocket client = stage.client();
  client.send(get("/large"));
  RawSocket upstream = stage.take_request();
  stage.settle();
  {
    const NoDescriptors none;
    std::future<bool> sent = sending(stage, upstream, sized_head(kBytes) + large_body());
    CHECK((read_message(client).body == large_body()));
    CHECK(sent.get());
  }
  CHECK(open_descriptors().pipes == pipes_before);
}

TEST_CASE("more slow readers than there are pipes each get their own bytes") {
  Stage stage;
  std::vector<RawSocket> clients, upstreams;
  std::vector<std::future<bool>> sent;
  constexpr std::size_t kClients = net::PipePool::kPipesMax + 4;
  for (std::size_t i = 0; i < kClients; ++i) {
    clients.push_back(stage.client());
    clients.back().send(get());
    upstreams.push_back(stage.take_request());
  }
  const auto body_of = [](std::size_t i) {
    return large_body().substr(i) + std::string(i, static_cast<char>('a' + i));
  };
  for (std::size_t i = 0; i < kClients; ++i) {
    sent.push_back(sending(stage, upstreams[i], sized_head(kBytes) + body_of(i)));
  }
  for (RawSocket& client : clients) read_head(client);
  stage.settle();
  for (std::size_t i = 0; i < kClients; ++i) CHECK((clients[i].read_bytes(kBytes) == body_of(i)));
  for (std::future<bool>& one : sent) CHECK(one.get());
}

TEST_CASE("a response without a body is one, however long it says that it is") {
  Stage stage;
  RawSocket client = stage.client();
  client.send("HEAD /large HTTP/1.1\r\nHost: localhost\r\n\r\n");
  RawSocket upstream = stage.take_head();
  upstream.send(sized_head(kBytes));
  CHECK(read_head(client).has("Content-Length: " + std::to_string(kBytes)));
  client.send(get("/none"));
  read_message(upstream);
  upstream.send("HTTP/1.1 204 No Content\r\n\r\n");
  CHECK(read_head(client).status() == 204);
  client.send(get("/some"));
  read_message(upstream);
  upstream.send(answer("200 OK", "some"));
  CHECK(read_message(client).body == "some");
}

TEST_CASE("a tunnel carries much both ways at once, and each end on its own") {
  const std::size_t pipes_before = open_descriptors().pipes;
  Stage stage;
  RawSocket client = stage.client();
  client.send(
      "GET /socket HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: "
      "websocket\r\n\r\n");
  RawSocket upstream = stage.take_head();
  upstream.send(
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n");
  CHECK(read_head(client).status() == 101);
  std::string other = large_body();
  std::swap(other.front(), other.back());
  std::future<bool> up = sending(stage, client, large_body());
  std::future<bool> down = sending(stage, upstream, other);
  std::future<std::string> got =
      std::async(std::launch::async, [&upstream] { return upstream.read_bytes(kBytes); });
  CHECK((client.read_bytes(kBytes) == other));
  CHECK((got.get() == large_body()));
  CHECK(up.get());
  CHECK(down.get());
  CHECK(open_descriptors().pipes > pipes_before);
  client.half_close();
  CHECK(upstream.read_to_end().empty());
  upstream.send("still here");
  CHECK(client.read_bytes(10) == "still here");
  upstream.close();
  CHECK(client.read_to_end().empty());
  const Observations::Exchange end = stage.seen.exchange(1);
  CHECK(end.whole);
  CHECK(end.request_bytes == kBytes);
  CHECK(end.response_bytes == kBytes + 10);
}
