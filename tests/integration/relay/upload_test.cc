// Request bodies under way: answers that come early, and clients that ask before they send.
#include <doctest/doctest.h>

#include <string>

#include "tests/integration/relay/stage.h"

using namespace bearer;
using namespace bearer::test;
using namespace std::chrono_literals;

namespace {

constexpr const char* kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

std::string post_head(std::size_t bytes, std::string_view more = {}) {
  return "POST / HTTP/1.1\r\nHost: localhost\r\n" + std::string(more) +
         "Content-Length: " + std::to_string(bytes) + "\r\n\r\n";
}

}  // namespace

TEST_CASE("a 413 in the middle of an upload reaches the client, and the upstream is left") {
  Stage stage;
  RawSocket client = stage.client();
  client.send(post_head(1u << 30) + "the first of many");
  RawSocket upstream = stage.take_head();
  upstream.send(answer("413 Content Too Large", "too much", "Connection: close\r\n"));
  const RawMessage response = read_message(client);
  CHECK(response.status() == 413);
  CHECK(response.body == "too much");
  upstream.await_end();
  // The bytes that the client goes on sending are dropped for 30 s, not for a gigabyte.
  stage.settle();
  stage.advance(30s);
  client.await_end();
}

TEST_CASE("a client that reads only once it has sent 30 MB gets the answer that came before") {
  constexpr std::size_t kBytes = 30'000'000;
  for (const char* connection : {"", "Connection: close\r\n"}) {
    for (const bool ours : {false, true}) {
      Stage stage;
      RawSocket client = stage.client();
      const std::string path = ours ? "Host: elsewhere.example\r\n" : "Host: localhost\r\n";
      client.send("POST / HTTP/1.1\r\n" + path + connection +
                  "Content-Length: " + std::to_string(kBytes) + "\r\n\r\n");
      if (!ours) {
        RawSocket upstream = stage.take_head();
        upstream.send(answer("413 Content Too Large", "too much", "Connection: close\r\n"));
        upstream.await_end();
      }
      client.send(std::string(kBytes, 'x'));
      CHECK(read_message(client).status() == (ours ? 421 : 413));
    }
  }
}

TEST_CASE("after an early answer to a small body the client's connection goes on") {
  Stage stage;
  RawSocket client = stage.client();
  client.send(post_head(10) + "12345");
  RawSocket upstream = stage.take_head();
  upstream.send(answer("409 Conflict"));
  CHECK(read_message(client).status() == 409);
  upstream.await_end();
  client.send("67890" + get("/next"));
  RawSocket fresh = stage.upstream.accept();
  CHECK(read_message(fresh).start_line == "GET /next HTTP/1.1");
  fresh.send(answer("200 OK"));
  CHECK(read_message(client).status() == 200);
}

TEST_CASE("after an early success the rest of the body goes on, and both connections with it") {
  for (const bool chunked : {false, true}) {
    CAPTURE(chunked);
    Stage stage;
    RawSocket client = stage.client();
    const std::string first = chunked ? chunk("12345") : "12345";
    const std::string rest = chunked ? chunk("678") + chunk("") : "678";
    client.send((chunked
                     ? "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
                     : post_head(8)) +
                first);
    RawSocket upstream = stage.take_head();
    CHECK(upstream.read_bytes(first.size()) == first);
    upstream.send(answer("202 Accepted", "accepted"));
    CHECK(read_message(client).body == "accepted");
    client.send(rest);
    CHECK(upstream.read_bytes(rest.size()) == rest);
    CHECK(stage.seen.exchange(1).request_bytes == 8);
    client.send(get("/next"));
    CHECK(read_message(upstream).start_line == "GET /next HTTP/1.1");
    upstream.send(answer("200 OK"));
    CHECK(read_message(client).status() == 200);
    CHECK(stage.seen.uploads_cut() == 0);
  }
}

TEST_CASE("an upstream that leaves after an early success takes no more, and that is told") {
  for (const bool resets : {false, true}) {
    CAPTURE(resets);
    Stage stage;
    RawSocket client = stage.client();
    client.send(post_head(8) + "12345");
    RawSocket upstream = stage.take_head();
    CHECK(upstream.read_bytes(5) == "12345");
    upstream.send(answer("201 Created", "made"));
    CHECK(read_message(client).body == "made");
    if (resets) {
      upstream.reset();
    } else {
      upstream.close();
    }
    CHECK(stage.seen.exchange(1).whole);
    CHECK(stage.seen.uploads_cut() == 1);
    client.send("678" + get("/next"));
    RawSocket fresh = stage.take_request();
    fresh.send(answer("200 OK"));
    CHECK(read_message(client).status() == 200);
  }
}

TEST_CASE(
    "a client that leaves after an early success ends its upload, and nobody else is blamed") {
  Stage stage;
  RawSocket client = stage.client();
  client.send(post_head(8) + "12345");
  RawSocket upstream = stage.take_head();
  upstream.send(answer("200 OK", "x"));
  CHECK(read_message(client).status() == 200);
  SUBCASE("in the middle") {
    client.close();
    CHECK(upstream.read_bytes(5) == "12345");
    upstream.await_end();
  }
  SUBCASE("once it has sent all of it") {
    client.send("678");
    client.close();
    CHECK(upstream.read_bytes(8) == "12345678");
  }
  CHECK(stage.seen.exchange(1).whole);
  CHECK(stage.seen.uploads_cut() == 0);
}

TEST_CASE("an upload that stands still after an early success ends after idle-timeout") {
  Stage stage([](Stage::Settings& settings) { settings.route().idle_timeout = 40s; });
  RawSocket client = stage.client();
  client.send(post_head(8) + "12345");
  RawSocket upstream = stage.take_head();
  CHECK(upstream.read_bytes(5) == "12345");
  upstream.send(answer("200 OK", "x"));
  CHECK(read_message(client).status() == 200);
  stage.settle();
  stage.advance(39s);
  client.send("6");
  CHECK(upstream.read_bytes(1) == "6");
  stage.settle();
  stage.advance(39s);
  CHECK(upstream.quiet());
  stage.advance(1s);
  upstream.await_end();
  CHECK(stage.seen.exchange(1).request_bytes == 6);
  CHECK(stage.seen.uploads_cut() == 1);
}

TEST_CASE("an answer that is streamed while the body still comes: both go on") {
  Stage stage;
  RawSocket client = stage.client();
  client.send("POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n");
  RawSocket upstream = stage.take_head();
  upstream.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
  read_head(client);
  for (const char* word : {"one", "two", "three"}) {
    client.send(chunk(word));
    CHECK(upstream.read_bytes(chunk(word).size()) == chunk(word));
    upstream.send(chunk(word));
    CHECK(client.read_bytes(chunk(word).size()) == chunk(word));
  }
  client.send(chunk(""));
  CHECK(upstream.read_bytes(5) == chunk(""));
  upstream.send(chunk(""));
  CHECK(client.read_bytes(5) == chunk(""));
  CHECK(stage.seen.exchange(1).whole);
}

TEST_CASE("an early refusal that is retried takes the rest of the body along") {
  Stage stage([](Stage::Settings& settings) { settings.route().retry.backoff_base = 0s; });
  RawSocket client = stage.client();
  client.send(post_head(10) + "12345");
  {
    RawSocket upstream = stage.take_head();
    upstream.send(answer("503 Busy"));
    upstream.await_end();
  }
  RawSocket upstream = stage.take_head();
  CHECK(upstream.read_bytes(5) == "12345");
  client.send("67890");
  CHECK(upstream.read_bytes(5) == "67890");
  upstream.send(answer("200 OK"));
  CHECK(read_message(client).status() == 200);
}

TEST_CASE("a malformed chunk while the answer is streamed ends both connections") {
  Stage stage;
  RawSocket client = stage.client();
  client.send("POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n");
  RawSocket upstream = stage.take_head();
  upstream.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk("so far"));
  client.read_until("so far\r\n");
  client.send("zz\r\n");
  CHECK(client.read_to_end().empty());
  upstream.await_end();
}

TEST_CASE("a malformed chunk before an answer is a 400, and the upstream gets no whole request") {
  for (const bool at_once : {false, true}) {
    Stage stage;
    RawSocket client = stage.client();
    const std::string head =
        "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n";
    RawSocket upstream = [&] {
      client.send(head + chunk("good") + (at_once ? "zz\r\n" : ""));
      return stage.upstream.accept();
    }();
    if (!at_once) {
      upstream.read_until("good\r\n");
      client.send("zz\r\n");
    }
    CHECK(upstream.read_to_end().empty());
    CHECK(read_message(client).status() == 400);
    client.await_end();
  }
}

TEST_CASE("100 Continue is sent once, when the body is wanted, and Expect stays here") {
  Stage stage([](Stage::Settings& settings) { settings.route().retry.backoff_base = 0s; });
  RawSocket client = stage.client();
  client.send(post_head(4, "Expect: 100-continue\r\n"));
  RawSocket upstream = stage.upstream.accept();
  CHECK(read_head(upstream).value("Expect").empty());
  CHECK(client.read_until("\r\n\r\n") == kContinue);
  client.send("body");
  CHECK(upstream.read_bytes(4) == "body");
  upstream.send("HTTP/1.1 100 Continue\r\n\r\n" + answer("503 Busy"));
  CHECK(read_message(upstream).body == "body");
  upstream.send(answer("200 OK"));
  CHECK(read_message(client).status() == 200);
}

TEST_CASE("100 Continue comes with the try that reaches the upstream") {
  Stage stage;
  stage.tokens.fail(token::State::Health::unavailable, "down");
  stage.clock.advance(2h);  // the first token has expired
  stage.settle();
  RawSocket client = stage.client();
  client.send(post_head(4, "Expect: 100-continue\r\n"));
  stage.settle();
  CHECK(client.quiet());
  stage.tokens.issue("two");
  CHECK(client.read_until("\r\n\r\n") == kContinue);
  client.send("body");
  RawSocket upstream = stage.upstream.accept();
  CHECK(read_message(upstream).body == "body");
  upstream.send(answer("200 OK"));
  CHECK(read_message(client).status() == 200);
}

TEST_CASE("a client whose body is there already gets no 100 Continue") {
  Stage stage;
  RawSocket client = stage.client();
  client.send(post_head(4, "Expect: 100-continue\r\n") + "body");
  RawSocket upstream = stage.upstream.accept();
  CHECK(read_message(upstream).body == "body");
  upstream.send(answer("200 OK"));
  CHECK(read_message(client).status() == 200);
}

TEST_CASE("a client that asked first and was not told to send is not read on") {
  Stage stage([](Stage::Settings& settings) { settings.route().retry.max_retries = 0; });
  stage.upstream.close();
  RawSocket client = stage.client();
  CHECK(ask(client, post_head(4, "Expect: 100-continue\r\n")).status() == 502);
  CHECK(client.await_end() == RawSocket::End::closed);
}
