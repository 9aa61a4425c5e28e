#include "wire/h2/message_reader.h"

#include <doctest/doctest.h>

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "net/outbox.h"

using namespace bearer::wire::h2;
using Kind = MessageReader::Kind;
using What = MessageReader::What;

namespace {

/// What was read of one message, in words.
struct Message {
  std::string line, fields, body, trailers;
  int heads = 0;
  bool ended = false;
};

std::string text_of(const Fields& fields) {
  std::string text;
  for (const Field& field : fields) text.append(field.name).append("=").append(field.value) += ';';
  return text;
}

Message read(MessageReader reader, std::string_view bytes, std::size_t piece) {
  Message message;
  while (!bytes.empty()) {
    std::string_view some = bytes.substr(0, piece);
    bytes.remove_prefix(some.size());
    for (;;) {
      const MessageReader::Step step = reader.read(some);
      some.remove_prefix(step.taken);
      if (step.what == What::nothing) break;
      if (step.what == What::data) message.body += step.data;
      if (step.what == What::end) {
        message.ended = true;
        message.trailers = reader.trailers();
      }
      if (step.what != What::head) continue;
      ++message.heads;
      message.line = reader.start_line();
      message.fields = text_of(reader.fields());
      if (message.line.starts_with("HTTP/1.1 1")) reader.another_head_follows();
    }
    CHECK(some.empty());
  }
  return message;
}

/// The same, however the bytes are cut.
Message read_any_way(Kind kind, std::string_view bytes) {
  const Message whole = read(MessageReader(kind), bytes, bytes.size());
  for (std::size_t piece = 1; piece < bytes.size(); ++piece) {
    CAPTURE(piece);
    const Message cut = read(MessageReader(kind), bytes, piece);
    CHECK(cut.line == whole.line);
    CHECK(cut.fields == whole.fields);
    CHECK(cut.body == whole.body);
    CHECK(cut.trailers == whole.trailers);
    CHECK(cut.ended == whole.ended);
    CHECK(cut.heads == whole.heads);
  }
  return whole;
}

}  // namespace

TEST_CASE("a name of any length and case ends at its first colon") {
  const std::string letters = "X-Az@[`{Zulu-Mike.Kilo!";
  for (std::size_t size = 1; size <= letters.size(); ++size) {
    const std::string name = letters.substr(0, size);
    for (const std::string value : {"", "a", ":", "a:b", "\xba:\xff", "12345678:", "12345678 9"}) {
      for (const std::string blanks : {"", " ", "\t", "  "}) {
        CAPTURE(name);
        const std::string head =
            "HTTP/1.1 204 X\r\n" + name + ":" + blanks + value + blanks + "\r\nLast: 1\r\n\r\n";
        MessageReader reader(Kind::response);
        REQUIRE(reader.read(head).what == What::head);
        REQUIRE(reader.fields().size() == 2);
        CHECK(reader.fields()[0].name == bearer::base::to_lower(name));
        CHECK(reader.fields()[0].value == value);
        CHECK(reader.fields()[1].name == "last");
      }
    }
  }
}

TEST_CASE("a head's names are lowered, and what concerns a connection is left out") {
  const Message read = read_any_way(
      Kind::response,
      "HTTP/1.1 200 Fine\r\nX-One: Two Three\r\nConnection: close\r\nKeep-Alive: timeout=5\r\n"
      "Content-Length: 4\r\nProxy-Connection: x\r\nUpgrade: h2c\r\nETag: \"A\"\r\n\r\nbody");
  CHECK(read.line == "HTTP/1.1 200 Fine");
  CHECK(read.fields == "x-one=Two Three;content-length=4;etag=\"A\";");
  CHECK(read.body == "body");
  CHECK(read.ended);
}

TEST_CASE("a name is lowered whatever its length, and only its letters are") {
  const std::string name = "!#$%&'*+-.^_`|~09AZaz@[{}MIXEDcaseOfManyLetters";
  const std::string lowered = "!#$%&'*+-.^_`|~09azaz@[{}mixedcaseofmanyletters";
  for (std::size_t size = 1; size <= name.size(); ++size) {
    CAPTURE(size);
    const Message got = read(MessageReader(Kind::response),
                             "HTTP/1.1 200 OK\r\n" + name.substr(0, size) + ": V\r\n\r\n", 999);
    CHECK(got.fields == lowered.substr(0, size) + "=V;");
  }
}

TEST_CASE("two heads may be read in pieces side by side") {
  MessageReader one(Kind::request), two(Kind::request);
  const std::string end_of_one = "a\r\nX: 1\r\n\r\n", end_of_two = "t: b\r\nY: 2\r\n\r\n";
  CHECK(one.read("GET /one HTTP/1.1\r\nHost: ").what == What::nothing);
  CHECK(two.read("GET /two HTTP/1.1\r\nHos").what == What::nothing);
  REQUIRE(one.read(end_of_one).what == What::head);
  CHECK(one.start_line() == "GET /one HTTP/1.1");
  REQUIRE(one.fields().size() == 2);
  CHECK(one.fields()[0].value == "a");
  REQUIRE(two.read(end_of_two).what == What::head);
  CHECK(two.start_line() == "GET /two HTTP/1.1");
  REQUIRE(two.fields().size() == 2);
  CHECK(two.fields()[1].name == "y");
  CHECK(two.fields()[1].value == "2");
  one.forget();
  CHECK(one.read("").what == What::end);
}

TEST_CASE("a head in pieces is read at once, wherever it is cut, and only if it is whole") {
  const std::string head =
      "POST /orders?page=2 HTTP/1.1\r\nHost: shop.example\r\nContent-Length: 3\r\n"
      "Authorization: Bearer abc.def-ghi\r\nX-Last: l\r\n\r\n";
  const std::string all = head + "sum";
  for (std::size_t first = 0; first <= all.size(); ++first) {
    for (std::size_t second = first; second <= all.size(); ++second) {
      const std::string_view pieces[] = {std::string_view(all).substr(0, first),
                                         std::string_view(all).substr(first, second - first),
                                         std::string_view(all).substr(second)};
      const iovec parts[] = {bearer::net::part(pieces[0]), bearer::net::part(pieces[1]),
                             bearer::net::part(pieces[2])};
      MessageReader reader(Kind::request);
      REQUIRE(reader.read_head(parts) == head.size());
      REQUIRE(reader.start_line() == "POST /orders?page=2 HTTP/1.1");
      REQUIRE(text_of(reader.fields()) ==
              "host=shop.example;content-length=3;authorization=Bearer abc.def-ghi;x-last=l;");
      REQUIRE(reader.read("sum").data == "sum");
      if (second >= head.size()) continue;
      MessageReader of_two(Kind::request);
      REQUIRE(of_two.read_head(std::span(parts).first(2)) == 0);
      REQUIRE(of_two.read(all).what == What::head);
      REQUIRE(text_of(of_two.fields()) == text_of(reader.fields()));
    }
  }
}

TEST_CASE("a line too long to be joined is left to be read piece by piece") {
  const std::string value(9000, 'v');
  const std::string_view pieces[] = {"GET / HTTP/1.1\r\nX: ", value, "\r\n\r\n"};
  std::vector<iovec> parts;
  for (const std::string_view piece : pieces) parts.push_back(bearer::net::part(piece));
  MessageReader reader(Kind::request);
  CHECK(reader.read_head(parts) == 0);
  CHECK(reader.read(pieces[0]).what == What::nothing);
  CHECK(reader.read(pieces[1]).what == What::nothing);
  CHECK(reader.read(pieces[2]).what == What::head);
  CHECK(text_of(reader.fields()) == "x=" + value + ";");
}

TEST_CASE("chunks are joined, and trailers follow them") {
  const Message read = read_any_way(Kind::response,
                                    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                                    "3\r\nabc\r\n1a\r\nabcdefghijklmnopqrstuvwxyz\r\n"
                                    "0\r\nGrpc-Status: 0\r\nSum: A:b\r\n\r\n");
  CHECK(read.fields.empty());
  CHECK(read.body == "abcabcdefghijklmnopqrstuvwxyz");
  CHECK(read.trailers == "grpc-status: 0\r\nsum: A:b\r\n");
  CHECK(read.ended);
}

TEST_CASE("chunks may have no trailers") {
  const Message read = read_any_way(
      Kind::response, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nxy\r\n0\r\n\r\n");
  CHECK(read.body == "xy");
  CHECK(read.trailers.empty());
  CHECK(read.ended);
}

TEST_CASE("interim heads come before the final one") {
  const Message read =
      read_any_way(Kind::response,
                   "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n"
                   "Link: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  CHECK(read.heads == 3);
  CHECK(read.line == "HTTP/1.1 200 OK");
  CHECK(read.ended);
  CHECK(read.body.empty());
}

TEST_CASE("without a length a response goes on to its connection's end, a request has no body") {
  const Message response = read_any_way(Kind::response, "HTTP/1.1 200 OK\r\n\r\nany\r\nthing");
  CHECK(response.body == "any\r\nthing");
  CHECK_FALSE(response.ended);
  const Message request = read_any_way(Kind::request, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  CHECK(request.fields == "host=a;");
  CHECK(request.ended);
}

TEST_CASE("that trailers are taken, and which protocol is asked for, is told apart") {
  MessageReader reader(Kind::request);
  const std::string head = "GET / HTTP/1.1\r\nTE: trailers\r\nUpgrade: websocket\r\n\r\n";
  REQUIRE(reader.read(head).what == What::head);
  CHECK(reader.takes_trailers());
  CHECK(reader.upgrade() == "websocket");
  CHECK(reader.fields().empty());
  CHECK(reader.bodiless());
  reader.anything_follows();
  CHECK(reader.open_ended());
  CHECK(reader.read("raw").data == "raw");
}
