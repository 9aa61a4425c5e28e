// Responses that break off, are malformed, or that nobody asked for.
#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "tests/integration/relay/framing.h"
#include "tests/integration/relay/stage.h"

using namespace bearer;
using namespace bearer::test;
using namespace bearer::test::framing;

TEST_CASE("a body cut short resets an HTTP/1.0 client, which could not tell otherwise") {
  Stage stage;
  RawSocket client = stage.client();
  client.send(old_get());
  RawSocket upstream = stage.take_request();
  upstream.send(std::string(kChunked) + chunk("half"));
  client.read_until("half");
  upstream.close();
  CHECK(client.await_end() == RawSocket::End::reset);
}

TEST_CASE("a response cut short ends the client's connection without its last chunk") {
  for (const char* head : {kChunked, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n"}) {
    Stage stage;
    RawSocket client = stage.client();
    client.send(get());
    RawSocket upstream = stage.take_request();
    const bool chunked = std::string_view(head) == kChunked;
    upstream.send(head + (chunked ? chunk("half") : "half"));
    read_head(client);
    upstream.close();
    CHECK(client.read_to_end() == (chunked ? chunk("half") : "half"));
    CHECK_FALSE(stage.seen.exchange(1).whole);
  }
}

TEST_CASE("a response that ends before its body began is a 502") {
  Stage stage;
  RawSocket client = stage.client();
  client.send(get());
  RawSocket upstream = stage.take_request();
  stage.at_once([&] {
    upstream.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n");
    upstream.close();
  });
  const RawMessage response = read_message(client);
  CHECK(response.status() == 502);
  CHECK(response.value("Proxy-Status").find("error=http_response_incomplete") != std::string::npos);
}

TEST_CASE("a malformed response is a 502 that says what is malformed in it") {
  struct Case {
    std::string response;
    std::string_view says;
  };
  const Case cases[] = {
      {std::string(kChunked) + "0\r\nX-Sum : 1\r\n\r\n",
       "the trailers of the response are malformed"},
      {std::string(kChunked) + "0\r\nX-Sum: \x02\r\n\r\n",
       "the trailers of the response are malformed"},
      {std::string(kChunked) + "3;\x02\r\nabc\r\n", "a chunk of the response is malformed"},
      {"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: foo/2\r\n\r\n",
       "it switches to another protocol (101), which nobody asked for"},
      {"HTTP/1.1 099 Low\r\nContent-Length: 0\r\n\r\n", "the status is not within 100 to 999"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.says);
    Stage stage;
    RawSocket client = stage.client();
    client.send(get());
    RawSocket upstream = stage.take_request();
    upstream.send(c.response);
    const RawMessage reply = read_message(client);
    CHECK(reply.status() == 502);
    CAPTURE(reply.body);
    CHECK(reply.body.find(c.says) != std::string::npos);
  }
}

TEST_CASE("whatever is cut short, the client gets one head") {
  const std::string bodies[] = {"",
                                "5",
                                "5\r\n",
                                "5\r\nhel",
                                "5\r\nhello",
                                "5\r\nhello\r\n",
                                "5\r\nhelloX",
                                "5\r\nhello\r\n0\r\n",
                                "5\r\nhello\r\nX"};
  for (const std::string& body : bodies) {
    CAPTURE(body);
    Stage stage;
    RawSocket client = stage.client();
    client.send(get("/", "Connection: close\r\n"));
    RawSocket upstream = stage.take_request();
    stage.at_once([&] {
      upstream.send(kChunked + body);
      upstream.close();
    });
    const std::string all = client.read_to_end();
    const bool ours = all.starts_with("HTTP/1.1 502 ");
    CHECK((ours || all.starts_with("HTTP/1.1 200 OK\r\n")));
    CHECK(all.find("HTTP/1.1", 1) == std::string::npos);
    if (!ours) CHECK(all.find("0\r\n\r\n") == std::string::npos);
  }
}

TEST_CASE("a malformed response is a 502, without a retry") {
  const std::string responses[] = {
      "HTTP/2 200 OK\r\n\r\n",
      "HTTP/1.1 200 OK\nX: a\rb\nContent-Length: 0\n\n",
      "HTTP/1.1 200 OK\nContent-Length: 0\nContent-Length: 00\n\n",
      "HTTP/1.1 99 Odd\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
      "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
      "HTTP/1.1 200 OK\r\nX-Folded: a\r\n Content-Length: 1\r\nContent-Length: 0\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length:\r\n 0\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\nab",
      "HTTP/1.1 200 OK\r\nX Spaced : a\r\nContent-Length: 0\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\na\r\n0\r\n\r\n",
      "SSH-2.0-OpenSSH_9.2\r\n\r\n",
  };
  for (const std::string& response : responses) {
    CAPTURE(response);
    Stage stage;
    RawSocket client = stage.client();
    client.send(get());
    RawSocket upstream = stage.take_request();
    upstream.send(response);
    const RawMessage got = read_message(client);
    CHECK(got.status() == 502);
    CHECK(got.value("Proxy-Status").find("error=http_protocol_error") != std::string::npos);
    CHECK(upstream.await_end() == RawSocket::End::closed);
    CHECK(stage.seen.attempts() == 1);
  }
}

TEST_CASE("an upstream that speaks another protocol is a 502 at once, though its line never ends") {
  for (const char* banner :
       {"+OK dovecot ready\r\n", "* OK IMAP4", "rubbish", "HTT:", "\x15\x03\x03"}) {
    for (const std::string& request : {get(), post("order")}) {
      CAPTURE(banner);
      CAPTURE(request);
      Stage stage;
      RawSocket client = stage.client();
      client.send(request);
      RawSocket upstream = stage.take_request();
      upstream.send(banner);
      const RawMessage got = read_message(client);
      CHECK(got.status() == 502);
      CHECK(got.value("Proxy-Status").find("error=http_protocol_error") != std::string::npos);
      const bool alert = banner[0] == '\x15';
      const char* advice = alert ? "does that port want https?" : "check upstream: its scheme";
      CHECK(got.body.find(advice) != std::string::npos);
      CHECK(upstream.await_end() == RawSocket::End::closed);
      CHECK(stage.seen.attempts() == 1);
    }
  }
}

TEST_CASE("a status line may come letter by letter, and one that breaks off is a lost connection") {
  Stage stage;
  RawSocket client = stage.client();
  client.send(get());
  RawSocket upstream = stage.take_request();
  for (const char* letter : {"H", "T", "TP", "/1.", "1 204 Done\r\n\r\n"}) {
    CHECK(client.quiet());
    upstream.send(letter);
    stage.settle();
  }
  CHECK(read_head(client).status() == 204);
  client.send(post("order"));
  read_message(upstream);
  upstream.send("HTTP");
  stage.settle();
  CHECK(client.quiet());
  upstream.close();
  const RawMessage cut = read_message(client);
  CHECK(cut.body.find("before the head of its response was whole") != std::string::npos);
  CHECK(cut.value("Proxy-Status").find("error=connection_terminated") != std::string::npos);
}

TEST_CASE(
    "an odd response with one reading goes on clean, and nothing after it on its connection") {
  struct Case {
    std::string response;
    int status;
    std::string lines, body;  // as the client gets them
  };
  const std::string chunks = "Transfer-Encoding: chunked\r\n";
  const Case cases[] = {
      {"HTTP/1.1 204 No Content\r\n" + chunks + "\r\n", 204, "", ""},
      {"HTTP/1.1 204 No Content\r\n" + chunks + "\r\n0\r\n\r\n", 204, "", ""},
      {"HTTP/1.1 204 No Content\r\nA: b\r\nContent-Length: 3\r\n\r\n", 204, "A: b\r\n", ""},
      {"HTTP/1.1 304 Not Modified\r\nContent-Length: 31\r\n\r\n", 304, "Content-Length: 31\r\n",
       ""},
      {"HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\n" + chunks + "\r\n", 304, "ETag: \"x\"\r\n",
       ""},
      {"HTTP/1.1 201 Made\nA: b\r\nContent-Length: 4\n\nmade", 201, "A: b\r\nContent-Length: 4\r\n",
       "made"},
      {"HTTP/1.1 200 OK\r\nA: b\r\n\t c\r\nContent-Length: 1\r\n\r\nd", 200,
       "A: b c\r\nContent-Length: 1\r\n", "d"},
      {"HTTP/1.1 200 OK\r\nContent-Length: 6\r\ncontent-length: 6\r\n\r\nlength", 200,
       "Content-Length: 6\r\n", "length"},
      {"HTTP/1.1 200 OK\r\n" + chunks + "\r\n4 \r\nlast\r\n0\t\r\n\r\n", 200, chunks, "last"},
      {"HTTP/1.1 799 Odd\nContent-Length: 0\n\n", 799, "Content-Length: 0\r\n", ""},
      {"HTTP/1.1 103 Early Hints\r\nContent-Length: 0\n\r\nHTTP/1.1 200 OK\r\n"
       "Content-Length: 2\r\n\r\nok",
       200, "Content-Length: 2\r\n", "ok"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.response);
    Stage stage;
    RawSocket client = stage.client();
    client.send(get());
    RawSocket upstream = stage.take_request();
    upstream.send(c.response);
    const bool hinted = c.response.starts_with("HTTP/1.1 103");
    if (hinted) CHECK(read_head(client).status() == 103);
    const RawMessage got = c.body.empty() ? read_head(client) : read_message(client);
    CHECK(got.status() == c.status);
    CHECK(got.fields == c.lines);
    CHECK(got.body == c.body);
    CHECK(upstream.await_end() == RawSocket::End::closed);
    client.send(get());
    stage.take_request().send(answer("200 OK", "next"));
    CHECK(read_message(client).body == "next");
    CHECK(stage.seen.attempts() == 2);
  }
}

TEST_CASE("a status beyond those that are registered is relayed, and its connection kept") {
  Stage stage;
  RawSocket client = stage.client();
  client.send(get());
  RawSocket upstream = stage.take_request();
  for (const char* status : {"600 Odd", "999 Request denied"}) {
    upstream.send(answer(status, "odd"));
    const RawMessage got = read_message(client);
    CHECK(got.start_line == "HTTP/1.1 " + std::string(status));
    CHECK(got.body == "odd");
    client.send(get());
    read_message(upstream);
  }
}

TEST_CASE("bytes after a response end the upstream connection, not the client's") {
  Stage stage;
  RawSocket client = stage.client();
  client.send(get());
  RawSocket upstream = stage.take_request();
  upstream.send(answer("200 OK", "mine") + "HTTP/1.1 200 OK\r\n");
  CHECK(read_message(client).body == "mine");
  upstream.await_end();
  client.send(get());
  RawSocket fresh = stage.take_request();
  fresh.send(answer("200 OK", "next"));
  CHECK(read_message(client).body == "next");
  // And bytes that come later, while the connection is kept.
  fresh.send("HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n");
  fresh.await_end();
  client.send(get());
  RawSocket third = stage.take_request();
  third.send(answer("200 OK", "last"));
  CHECK(read_message(client).body == "last");
}

TEST_CASE("an answer that nobody asked for goes to no request, were it a GET of the same moment") {
  for (const std::string& request : {get("/mine"), post("mine")}) {
    Stage stage;
    RawSocket client = stage.client();
    client.send(get());
    RawSocket upstream = stage.take_request();
    upstream.send(answer("200 OK", "first"));
    CHECK(read_message(client).body == "first");
    stage.settle();
    stage.at_once([&] {
      upstream.send(answer("200 OK", "unasked"));
      client.send(request);
    });
    stage.take_request().send(answer("200 OK", "mine"));
    CHECK(read_message(client).body == "mine");
    upstream.await_end();
  }
}
