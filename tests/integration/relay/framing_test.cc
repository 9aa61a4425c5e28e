// Messages are delimited on either side.
#include <doctest/doctest.h>

#include <string>

#include "tests/integration/relay/framing.h"
#include "tests/integration/relay/stage.h"

using namespace bearer;
using namespace bearer::test;
using namespace bearer::test::framing;

TEST_CASE("responses without a body keep their Content-Length and the connection") {
  Stage stage;
  RawSocket client = stage.client();
  client.send(head_request());
  RawSocket upstream = stage.take_request();
  upstream.send("HTTP/1.1 200 OK\r\nContent-Length: 12345\r\n\r\n");
  CHECK(read_head(client).has("Content-Length: 12345"));
  CHECK(head_of(client, upstream, get(), "HTTP/1.1 204 No Content\r\n\r\n").status() == 204);
  CHECK(head_of(client, upstream, get(), "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n")
            .status() == 204);
  const RawMessage unchanged =
      head_of(client, upstream, get(), "HTTP/1.1 304 Not Modified\r\nETag: \"e\"\r\n\r\n");
  CHECK(unchanged.has("ETag: \"e\""));
  CHECK(head_of(client, upstream, get(), answer("200 OK", "x")).status() == 200);
}

TEST_CASE("a response without a body arrives clean whatever frames it, and ends its connection") {
  const std::string status204 = "HTTP/1.1 204 No Content\r\n";
  for (const std::string& odd : {
           status204 + "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n",
           status204 + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n",
           status204 + "Content-Length: 3\r\nContent-Length: 0\r\n\r\n",
           status204 + "Content-Length:\r\n\r\n",
           std::string("HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: deflate, chunked\r\n\r\n"),
           std::string("HTTP/1.0 304 Not Modified\r\nConnection: keep-alive\r\n"
                       "Transfer-Encoding: chunked\r\n\r\n"),
       }) {
    CAPTURE(odd);
    Stage stage;
    RawSocket client = stage.client();
    client.send(get("/once"));
    RawSocket upstream = stage.take_request();
    upstream.send(odd);
    const RawMessage head = read_head(client);
    CHECK(head.start_line.substr(9, 3) == odd.substr(9, 3));
    CHECK(head.value("Content-Length").empty());
    CHECK(head.value("Transfer-Encoding").empty());
    upstream.await_end();
    client.send(get("/next"));
    RawSocket another = stage.take_request();
    another.send(answer("200 OK", "next"));
    CHECK(read_message(client).body == "next");
  }
}

TEST_CASE("with a body, framing at fault is still refused") {
  for (const std::string fields :
       {"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", "Content-Length:\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"}) {
    CAPTURE(fields);
    Stage stage;
    RawSocket client = stage.client();
    client.send(get());
    RawSocket upstream = stage.take_request();
    upstream.send("HTTP/1.1 200 OK\r\n" + fields + "\r\n4\r\nfour\r\n0\r\n\r\n");
    CHECK(read_message(client).status() == 502);
  }
}

TEST_CASE("chunks are relayed both ways as they come") {
  Stage stage;
  RawSocket client = stage.client();
  client.send("PUT / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n");
  RawSocket upstream = stage.upstream.accept();
  CHECK(read_head(upstream).has("Transfer-Encoding: chunked"));
  client.send(chunk("first"));
  CHECK(upstream.read_until("first\r\n") == chunk("first"));
  client.send("6;ext=1\r\nsecond\r\n0\r\nHost: other\r\nX-Sum:  12\r\n\r\n");
  CHECK(upstream.read_until("\r\n\r\n") == chunk("second") + "0\r\nX-Sum: 12\r\n\r\n");
  upstream.send(kChunked);
  CHECK(read_head(client).has("Transfer-Encoding: chunked"));
  upstream.send(chunk("down"));
  CHECK(client.read_until("down\r\n") == chunk("down"));
  upstream.send(chunk(""));
  CHECK(client.read_until("0\r\n\r\n") == "0\r\n\r\n");
}

TEST_CASE("trailers are relayed to a client that takes them, and to no other") {
  for (const bool wanted : {true, false}) {
    Stage stage;
    RawSocket client = stage.client();
    client.send(get("/", wanted ? "TE: trailers\r\nConnection: TE\r\n" : ""));
    RawSocket upstream = stage.upstream.accept();
    CHECK(read_head(upstream).has("TE: trailers") == wanted);
    upstream.send(std::string(kChunked) + chunk("data") +
                  "0\r\nX-Digest: abc\r\nContent-Length: 5\r\n\r\n");
    const RawMessage response = read_message(client);
    CHECK(response.body == "data");
    CHECK(response.trailers == (wanted ? "X-Digest: abc\r\n" : ""));
    CHECK(ask(client, "BAD\r\n\r\n").status() == 400);  // nothing stayed between the messages
  }
}

TEST_CASE("a body that the upstream ends by closing is chunked for HTTP/1.1") {
  Stage stage;
  RawSocket client = stage.client();
  client.send(get());
  RawSocket upstream = stage.take_request();
  upstream.send("HTTP/1.1 200 OK\r\n\r\nall of it");
  upstream.close();
  CHECK(read_message(client).body == "all of it");
}

TEST_CASE("an HTTP/1.0 client gets bodies that end with the connection, or keeps it if it asked") {
  Stage stage;
  {
    RawSocket client = stage.client();
    client.send(old_get());
    RawSocket upstream = stage.upstream.accept();
    const RawMessage request = read_message(upstream);
    CHECK(request.start_line == "GET / HTTP/1.1");
    CHECK(request.has("Host: " + stage.upstream_authority()));
    upstream.send(std::string(kChunked) + chunk("in ") + chunk("pieces") + chunk(""));
    const RawMessage response = read_head(client);
    CHECK(response.has("Connection: close"));
    CHECK(response.value("Transfer-Encoding").empty());
    CHECK(client.read_to_end() == "in pieces");
    upstream.close();
  }
  {
    RawSocket client = stage.client();
    client.send(old_get());
    RawSocket upstream = stage.take_request();
    upstream.send(answer("200 OK", "sized", "Connection: close\r\n"));
    CHECK(read_message(client).body == "sized");
    CHECK(client.await_end() == RawSocket::End::closed);
  }
  RawSocket client = stage.client();
  client.send(old_get("Connection: keep-alive\r\n"));
  RawSocket upstream = stage.take_request();
  upstream.send(answer("200 OK", "a"));
  const RawMessage response = read_message(client);
  CHECK(response.body == "a");
  CHECK(response.has("Connection: keep-alive"));
  client.send(old_get("Connection: keep-alive\r\n"));
  read_message(upstream);
  upstream.send(answer("200 OK", "b"));
  CHECK(read_message(client).body == "b");
}

TEST_CASE("bytes beyond ASCII in a target reach the upstream as they came") {
  Stage stage;
  RawSocket client = stage.client();
  client.send(get("/caf\xc3\xa9/\xff?q=\x80"));
  RawSocket upstream = stage.upstream.accept();
  CHECK(read_message(upstream).start_line == "GET /caf\xc3\xa9/\xff?q=\x80 HTTP/1.1");
  upstream.send(answer("200 OK", "ok"));
  CHECK(read_message(client).body == "ok");
}

TEST_CASE("pipelined requests are answered one after the other, in order") {
  Stage stage;
  RawSocket client = stage.client();
  client.send(get("/1") + post("two") + get("/3"));
  RawSocket upstream = stage.upstream.accept();
  CHECK(read_message(upstream).start_line == "GET /1 HTTP/1.1");
  stage.settle();
  CHECK(upstream.quiet());
  upstream.send(answer("200 OK", "1"));
  CHECK(read_message(upstream).body == "two");
  upstream.send(answer("200 OK", "2"));
  CHECK(read_message(upstream).start_line == "GET /3 HTTP/1.1");
  upstream.send(answer("200 OK", "3"));
  for (const char* body : {"1", "2", "3"}) CHECK(read_message(client).body == body);
}

TEST_CASE("an interim response is relayed to HTTP/1.1, and kept from HTTP/1.0") {
  const std::string hints = "HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n";
  for (const bool old : {false, true}) {
    Stage stage;
    RawSocket client = stage.client();
    client.send(old ? old_get() : get());
    RawSocket upstream = stage.take_request();
    upstream.send("HTTP/1.1 100 Continue\r\n\r\n" + hints);
    if (!old) {
      const RawMessage interim = read_head(client);
      CHECK(interim.status() == 103);
      CHECK(interim.value("Link").find("rel=preload") != std::string::npos);
    }
    upstream.send(hints + answer("200 OK", "x"));
    if (!old) CHECK(read_head(client).status() == 103);
    CHECK(read_message(client).status() == 200);
  }
}

TEST_CASE("interim responses that a client does not read are lost, not kept for it") {
  constexpr std::size_t kFloodBytes = 64u << 20;
  constexpr std::size_t kSocketBytesMax = 16u << 20;  // what the kernel may hold of them
  const std::string hints =
      "HTTP/1.1 103 Early Hints\r\nLink: </" + std::string(32u << 10, 'a') + ">\r\n\r\n";
  Stage stage;
  RawSocket client = stage.client();
  client.send(get("/", "Connection: close\r\n"));
  RawSocket upstream = stage.take_request();
  for (std::size_t sent = 0; sent < kFloodBytes; sent += hints.size()) upstream.send(hints);
  upstream.send(answer("200 OK", "whole"));
  stage.seen.attempt(1);
  const std::string all = client.read_to_end();
  CHECK(all.size() < kSocketBytesMax);
  CHECK(all.ends_with("\r\n\r\nwhole"));
}

TEST_CASE("a malformed request is refused, and the upstream never hears of it") {
  Stage stage;
  const std::string host = "Host: localhost\r\n";
  const std::string requests[] = {
      "GET / HTTP/1.1\r\n\r\n",
      "GET / HTTP/1.1\r\n" + host + host + "\r\n",
      "GET / HTTP/1.1\n" + host + "\n",
      "POST / HTTP/1.1\r\n" + host + "Content-Length: 1\r\nContent-Length: 1\r\n\r\nx",
      "POST / HTTP/1.1\r\n" + host + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
      "GET / HTTP/1.1\r\n" + host + "X-A : b\r\n\r\n",
      "GET / HTTP/1.1\r\n" + host + "X-A: b\r\n c\r\n\r\n",
      "POST / HTTP/1.0\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
  };
  for (const std::string& request : requests) {
    CAPTURE(request);
    RawSocket client = stage.client();
    CHECK(ask(client, request).status() == 400);
    CHECK(client.await_end() == RawSocket::End::closed);
  }
  CHECK(stage.upstream.quiet());
}
