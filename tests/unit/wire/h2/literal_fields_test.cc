#include "wire/h2/literal_fields.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "net/outbox.h"
#include "tests/support/freed_memory.h"
#include "tests/support/h2_frames.h"
#include "tests/support/h2_server.h"
#include "tests/support/owned_loop.h"
#include "wire/h2/session.h"

using namespace bearer;
using wire::h2::Field;
using wire::h2::Session;
namespace h2 = test::h2;

namespace {

constexpr bool kSanitized =
#if defined(__SANITIZE_ADDRESS__)
    true;
#else
    false;
#endif

/// As a token may be, and such that packing would make it shorter. Never moved in memory.
std::string token_of(std::size_t bytes, std::string_view letters = "eyJ0a3Mi.-_") {
  std::string token(bytes, ' ');
  for (std::size_t i = 0; i < bytes; ++i) token[i] = letters[i % letters.size()];
  constexpr std::string_view kScheme = "Bearer ";
  token.replace(0, kScheme.size(), kScheme);
  return token;
}

std::string head_with(std::string_view token, std::string_view more = {}) {
  return "GET /x HTTP/1.1\r\nHost: api.example.com\r\nAccept: text/csv\r\nAuthorization: " +
         std::string(token) + "\r\n" + std::string(more) + "\r\n";
}

std::vector<std::string> heads_heard(const test::H2Server& server) {
  std::vector<std::string> payloads;
  for (const auto& frame : server.heard().frames()) {
    if (frame.type == h2::kHeaders) payloads.push_back(frame.payload);
  }
  return payloads;
}

/// Takes so many bytes, and keeps none.
class Sink final : public net::Stream {
 public:
  std::size_t room = 0;

  void set_waiter(net::Sleeper*) override {}
  net::Io read(std::span<char>) override { return {net::Io::Status::blocked}; }
  net::Io write(std::span<const iovec> from) override {
    std::size_t taken = 0;
    for (const iovec& part : from) taken += part.iov_len;
    taken = std::min(taken, room);
    room -= taken;
    return taken > 0 ? net::Io{net::Io::Status::ok, taken} : net::Io{net::Io::Status::blocked};
  }
  bool peer_closed() const override { return false; }
  bool quiet(bool) override { return true; }
  void shut() override {}
  void reset_on_close() override {}
};

class Request final : public wire::h2::Channel {
  void on_field(std::string_view, std::string_view) override {}
  void on_fields_end(bool) override {}
  void on_data(std::string_view) override {}
  void on_end() override {}
  void on_sent() override {}
  void on_closed(wire::h2::ErrorCode) override {}
};

/// A client's session whose server takes what it is told to.
struct Client {
  void ask(std::string_view token) {
    const Field head[] = {{":method", "GET"}, {":scheme", "http"},      {":authority", "a"},
                          {":path", "/"},     {"authorization", token}, {"x-more", "m"}};
    requests.push_back(std::make_unique<Request>());
    REQUIRE(session->open(*requests.back(), head, true));
  }
  void take(std::size_t bytes) {
    sink.room = bytes;
    session->turn(scratch);
  }

  test::OwnedLoop loop;
  net::Sleeper sleeper{loop.loop()};
  Sink sink;
  std::vector<char> scratch = std::vector<char>(65536);
  std::vector<std::unique_ptr<Request>> requests;
  std::unique_ptr<Session> session =
      std::make_unique<Session>(sink, sleeper, Session::Options{.role = Session::Role::client});
};

}  // namespace

TEST_CASE("a token of any length arrives as it was, beside every other field") {
  test::H2Server server;
  std::vector<std::unique_ptr<wire::h2::ClientStream>> streams;
  std::uint32_t id = 1;
  for (const std::size_t bytes : {8u, 31u, 32u, 126u, 127u, 128u, 254u, 255u, 256u, 1000u, 8000u,
                                  16'000u, 16'300u, 17'000u, 40'000u}) {
    CAPTURE(bytes);
    const std::string token = token_of(bytes);
    streams.push_back(server.open());
    const std::string head = head_with(token, "TE: trailers\r\nX-Last: l\r\n");
    CHECK(server.write(*streams.back(), head) == head.size());
    CHECK(server.on(id).value("authorization") == token);
    CHECK(server.on(id).value("accept") == "text/csv");
    CHECK(server.on(id).value("x-last") == "l");
    CHECK(server.on(id).value("te") == "trailers");
    CHECK(server.on(id).heads.at(0).size() == 8);
    CHECK(server.on(id).ended);
    id += 2;
  }
}

TEST_CASE("a long token is sent as it stands, and never gets into the table") {
  test::H2Server server;
  const std::string token = token_of(700);
  std::vector<std::unique_ptr<wire::h2::ClientStream>> streams;
  for (int i = 0; i < 3; ++i) {
    streams.push_back(server.open());
    server.write(*streams.back(), head_with(token));
  }
  const std::vector<std::string> heads = heads_heard(server);
  REQUIRE(heads.size() == 3);
  // RFC 7541 section 6.2.3: never indexed, the name is the static table's 23rd.
  const std::string field = "\x1f\x08\x7f\xbd\x04" + token;
  for (const std::string& each : heads) CHECK(each.ends_with(field));
}

TEST_CASE("ids of requests leave the table to fields that repeat") {
  test::H2Server server;
  std::vector<std::unique_ptr<wire::h2::ClientStream>> streams;
  for (int i = 0; i < 100; ++i) {
    streams.push_back(server.open());
    server.write(*streams.back(),
                 "GET / HTTP/1.1\r\nHost: a\r\nX-Color: orange-and-blue\r\n"
                 "X-Request-Id: 0123456789abcdef0123456789abcde" +
                     std::to_string(i % 10) + "\r\n\r\n");
    const auto id = static_cast<std::uint32_t>(2 * i + 1);
    CHECK(server.on(id).value("x-request-id").ends_with(std::to_string(i % 10)));
    CHECK(server.on(id).value("x-color") == "orange-and-blue");
  }
  const std::vector<std::string> heads = heads_heard(server);
  REQUIRE(heads.size() == 100);
  CHECK(heads.back().size() == heads.at(1).size());
  CHECK(heads.back().size() < heads.front().size());
}

TEST_CASE("only a frame that holds a whole head, and has room, takes literals") {
  const Field token[] = {{"authorization", "Bearer x"}};
  const auto size_with = [&](const std::string& frame) {
    std::vector<char> out(frame.size() + wire::h2::literals_bytes_max(token));
    return wire::h2::write_frame(frame, token, out.data());
  };
  constexpr std::size_t kLiteral = 2 + 1 + 8;
  const std::string head = h2::frame(h2::kHeaders, h2::kEndHeaders, 1, "\x82");
  CHECK(size_with(head) == head.size() + kLiteral);
  const std::string others[] = {
      "",
      head.substr(0, 8),
      h2::frame(h2::kData, h2::kEndHeaders, 1, "\x82"),
      h2::frame(h2::kHeaders, 0, 1, "\x82"),
      h2::frame(h2::kHeaders, h2::kEndHeaders | 8, 1, "\x82"),
  };
  for (const std::string& each : others) CHECK(size_with(each) == 0);
  constexpr std::size_t kMost = (16u << 10) - kLiteral;
  const std::string full(kMost, '\x82');
  CHECK(size_with(h2::frame(h2::kHeaders, h2::kEndHeaders, 1, full)) == 9 + kMost + kLiteral);
  CHECK(size_with(h2::frame(h2::kHeaders, h2::kEndHeaders, 1, full + "\x82")) == 0);
}

TEST_CASE("a token that was sent is in no memory that was freed") {
  static const std::string token = token_of(3000, "none but here");  // never freed
  const std::string_view middle = std::string_view(token).substr(1000, 100);
  REQUIRE_FALSE(test::freed_memory_holds(middle));
  SUBCASE("at once") {
    Client client;
    client.ask(token);
    client.take(100'000);
  }
  SUBCASE("by and by, beyond the first room for output") {
    Client client;
    for (int i = 0; i < 30; ++i) client.ask(token);
    for (int i = 0; i < 200; ++i) client.take(777);
  }
  SUBCASE("in part, before the connection was lost") {
    Client client;
    for (int i = 0; i < 30; ++i) client.ask(token);
    client.take(20'000);
  }
  SUBCASE("not at all, because its request was cancelled") {
    Client client;
    client.ask(token);
    client.requests.clear();
    client.take(0);
  }
  SUBCASE("from a head that was written in pieces") {
    const std::string after = "\r\nX: " + std::string(9000, 'x') + "\r\n\r\n";
    const std::string_view pieces[] = {"GET / HTTP/1.1\r\nHost: a\r\nAuthorization: ", token,
                                       after};
    SUBCASE("at once") {
      test::H2Server server;
      const auto stream = server.open();
      std::vector<iovec> parts;
      for (const std::string_view piece : pieces) parts.push_back(net::part(piece));
      CHECK(stream->write(parts).ok());
    }
    SUBCASE("one by one") {
      wire::h2::MessageReader reader(wire::h2::MessageReader::Kind::request);
      for (const std::string_view piece : pieces) reader.read(piece);
      CHECK(reader.fields().size() == 3);
    }
    SUBCASE("in part") {
      wire::h2::MessageReader reader(wire::h2::MessageReader::Kind::request);
      for (const std::string_view piece : pieces) {
        if (piece != pieces[2]) reader.read(piece);
      }
    }
  }
  CHECK_FALSE(test::freed_memory_holds(middle));
}

TEST_CASE("memory that was freed unwiped is seen") {
  const std::string token = token_of(3000, "left behind");
  { const std::string copy = token + "."; }
  CHECK((test::freed_memory_holds(std::string_view(token).substr(1000, 100)) || kSanitized));
}
