// A server's session that gives memory back while its client asks for nothing.
#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/h2_frames.h"
#include "tests/support/owned_loop.h"
#include "tests/support/scripted_stream.h"
#include "wire/h2/session.h"

using namespace bearer;
using namespace std::chrono_literals;
using wire::h2::Session;
namespace h2 = test::h2;

namespace {

/// Answers with what it was asked, once it may.
class Echo final : public wire::h2::Channel {
 public:
  void answer() {
    const wire::h2::Fields head{{":status", "200"}, {"x-answer", fields}};
    session()->send_response(*this, head, true);
  }

  std::string fields;

 private:
  void on_field(std::string_view name, std::string_view value) override {
    if (!name.starts_with(':')) fields.append(name).append("=").append(value).append(";");
  }
  void on_fields_end(bool) override {}
  void on_data(std::string_view) override {}
  void on_end() override {}
  void on_sent() override {}
  void on_closed(wire::h2::ErrorCode) override {}
};

/// `text` as a literal, whole or at the end of an index (RFC 7541 section 5.2).
std::string literal(std::string_view text) {
  return std::string(1, static_cast<char>(text.size())).append(text);
}
/// A field that both sides add to their tables (section 6.2.1).
std::string added(std::string_view name, std::string_view value) {
  return "\x40" + literal(name) + literal(value);
}
/// GET of http://a/, and the block's rest.
std::string get(std::uint32_t stream, std::string_view rest) {
  return h2::frame(h2::kHeaders, h2::kEndStream | h2::kEndHeaders, stream,
                   "\x82\x86\x84\x01" + literal("a") + std::string(rest));
}

struct Server {
  Server() {
    client.give(h2::hello() + h2::frame(h2::kSettings, h2::kAck, 0));
    CHECK(turn() == Session::Turn::wait);
  }

  Session::Turn say(std::string_view bytes) {
    client.give(bytes);
    return turn();
  }
  Session::Turn turn() {
    const Session::Turn turn = session.turn(scratch);
    reader.feed(client.take_written());
    return turn;
  }
  void pass(base::Duration time) {
    loop.advance(time);
    CHECK(turn() == Session::Turn::wait);
  }
  std::string ask(std::uint32_t stream, std::string_view rest) {
    say(get(stream, rest));
    REQUIRE_FALSE(asked.empty());
    asked.back()->answer();
    turn();
    CHECK(reader.stream(stream).ended);
    return reader.stream(stream).value("x-answer");
  }

  test::OwnedLoop loop;
  net::Sleeper sleeper{loop.loop()};
  test::ScriptedStream client;
  std::vector<char> scratch = std::vector<char>(65536);
  test::H2Reader reader;
  std::vector<std::unique_ptr<Echo>> asked;
  Session session{client, sleeper, {.accept = [this] {
                    return asked.emplace_back(std::make_unique<Echo>()).get();
                  }}};
};

}  // namespace

TEST_CASE_FIXTURE(Server,
                  "a connection rests once nothing was asked for a second, and wakes whole") {
  CHECK(ask(1, added("x-page", "orange") + added("x-rows", "41")) == "x-page=orange;x-rows=41;");
  CHECK(session.turn_at() == loop.now() + 1s);
  pass(999ms);
  CHECK_FALSE(session.rests());
  pass(1ms);
  CHECK(session.rests());
  CHECK(session.turn_at() == base::kNever);
  // Both fields come out of the table that the requests before have filled, as does our answer.
  CHECK(ask(3, "\xbf\xbe") == "x-page=orange;x-rows=41;");
  CHECK_FALSE(session.rests());
  pass(1s);
  CHECK(session.rests());
  CHECK(ask(5, "\xbe\xbf") == "x-rows=41;x-page=orange;");
  CHECK(reader.goaway() == -1);
}

TEST_CASE_FIXTURE(Server, "a request that is served keeps its connection awake") {
  say(get(1, ""));
  CHECK(session.turn_at() == base::kNever);
  pass(10s);
  CHECK_FALSE(session.rests());
  asked.back()->answer();
  turn();
  CHECK(session.turn_at() == loop.now() + 1s);
}

TEST_CASE_FIXTURE(Server, "a frame that has come in part goes on after a rest") {
  const std::string whole = get(1, added("x-a", "b"));
  for (const char byte : whole) {
    CHECK(say({&byte, 1}) == Session::Turn::wait);
    if (asked.empty()) {
      pass(1s);
      CHECK(session.rests());
    }
  }
  REQUIRE(asked.size() == 1);
  CHECK(asked.back()->fields == "x-a=b;");
}

TEST_CASE_FIXTURE(Server, "a turn without news lets a connection rest on") {
  pass(1s);
  REQUIRE(session.rests());
  pass(1h);
  CHECK(session.rests());
}

TEST_CASE_FIXTURE(Server,
                  "a connection at rest is told to go, is closed, and ends with its client") {
  pass(1s);
  REQUIRE(session.rests());
  SUBCASE("told to go") {
    session.go_away();
    CHECK(turn() == Session::Turn::wait);
    CHECK(reader.goaway() == 0);
    CHECK(reader.count(h2::kPing) == 1);
    loop.advance(1s);
    CHECK(turn() == Session::Turn::over);
  }
  SUBCASE("told to go at once") {
    session.go_away(true);
    CHECK(turn() == Session::Turn::over);
    CHECK(reader.goaway() == 0);
  }
  SUBCASE("closed") {
    session.close(wire::h2::ErrorCode::enhance_your_calm);
    CHECK(turn() == Session::Turn::over);
    CHECK(reader.goaway() == 11);
  }
  SUBCASE("its client ends its side") {
    client.then(net::Io::Status::ended);
    CHECK(turn() == Session::Turn::over);
  }
  SUBCASE("its client is lost") {
    client.then(net::Io::Status::failed);
    CHECK(turn() == Session::Turn::over);
  }
  SUBCASE("it is destroyed") {}
}
