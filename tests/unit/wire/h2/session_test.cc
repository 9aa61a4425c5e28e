// A session in a client's role, whose server the test plays frame by frame. The server's role is in
// tests/unit/relay/client/http2_connection_test.cc.
#include "wire/h2/session.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

#include "tests/support/h2_frames.h"
#include "tests/support/owned_loop.h"
#include "tests/support/scripted_stream.h"

using namespace bearer;
using wire::h2::ErrorCode;
using wire::h2::Session;
namespace h2 = test::h2;

namespace {

constexpr std::uint8_t kCancel = 8;

class Request final : public wire::h2::Channel {
 public:
  void send(std::string_view some, bool last) {
    outgoing_.data.append(some);
    outgoing_.whole = last;
    session()->more(*this);
  }

  void send_with_trailers(std::string_view rest, std::string_view trailers) {
    outgoing_.trailers = trailers;
    send(rest, true);
  }

  std::string fields, body;
  int heads = 0;
  bool ended = false;
  std::vector<ErrorCode> closed;

 private:
  void on_field(std::string_view name, std::string_view value) override {
    fields.append(name).append("=").append(value).append(";");
  }
  void on_fields_end(bool) override { ++heads; }
  void on_data(std::string_view data) override {
    body += data;
    session()->took(*this, data.size());
  }
  void on_end() override { ended = true; }
  void on_sent() override {}
  void on_closed(ErrorCode why) override { closed.push_back(why); }
};

struct Fixture {
  Fixture() { say(h2::settings({{3, 2}})); }

  Session::Turn say(std::string_view bytes) {
    stream.give(bytes);
    return turn();
  }
  Session::Turn turn() {
    const Session::Turn turn = session.turn(scratch);
    std::string written = stream.take_written();
    if (written.starts_with(kPreface)) written.erase(0, kPreface.size());
    server.feed(written);
    return turn;
  }
  bool open(Request& request, bool last = true) {
    const wire::h2::Fields head{
        {":method", "GET"}, {":scheme", "http"}, {":authority", "a"}, {":path", "/"}};
    const bool opened = session.open(request, head, last);
    turn();
    return opened;
  }

  static constexpr std::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
  test::OwnedLoop loop;
  net::Sleeper sleeper{loop.loop()};
  test::ScriptedStream stream;
  std::vector<char> scratch = std::vector<char>(65536);
  test::H2Reader server;
  Session session{stream, sleeper, {.role = Session::Role::client}};
};

h2::Lines answer() {
  return {{":status", "200"}, {"x", "1"}};
}

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a client's request goes out, and its response comes in") {
  Request request;
  CHECK(open(request));
  CHECK(server.stream(1).ended);
  CHECK(server.stream(1).value(":path") == "/");
  say(h2::head(1, answer(), false) + h2::data(1, "body", true));
  CHECK(request.fields == ":status=200;x=1;");
  CHECK(request.body == "body");
  CHECK(request.ended);
  CHECK(request.closed == std::vector{ErrorCode::no_error});
  CHECK(request.session() == nullptr);
  CHECK(session.streams() == 0);
}

TEST_CASE_FIXTURE(Fixture, "a client sends a body as far as the server's windows go") {
  Request request;
  CHECK(open(request, false));
  request.send(std::string(70'000, 'b'), true);
  turn();
  CHECK(server.stream(1).body.size() == 65'535);
  say(h2::window(0, 10'000) + h2::window(1, 10'000));
  CHECK(server.stream(1).body.size() == 70'000);
  CHECK(server.stream(1).ended);
}

TEST_CASE_FIXTURE(Fixture, "a client has as many places as the server's settings say") {
  CHECK(session.settled());
  CHECK(session.places() == 2);
  Request one, two;
  CHECK(open(one));
  CHECK(open(two));
  CHECK(session.places() == 0);
  say(h2::head(1, answer()));
  CHECK(session.places() == 1);
}

TEST_CASE_FIXTURE(Fixture, "after a GOAWAY what was not processed is refused, the rest goes on") {
  Request first, second;
  CHECK(open(first));
  CHECK(open(second));
  say(h2::frame(h2::kGoaway, 0, 0, h2::number(1) + h2::number(0)));
  CHECK(session.peer_going_away());
  CHECK(second.closed == std::vector{ErrorCode::refused_stream});
  CHECK(first.closed.empty());
  Request third;
  CHECK_FALSE(open(third));
  CHECK(say(h2::head(1, answer())) == Session::Turn::over);
  CHECK(first.ended);
}

TEST_CASE_FIXTURE(Fixture, "a reset stream says why, and no other one ends") {
  Request first, second;
  CHECK(open(first));
  CHECK(open(second));
  say(h2::reset(1, 7));
  CHECK(first.closed == std::vector{ErrorCode::refused_stream});
  CHECK(second.closed.empty());
}

TEST_CASE_FIXTURE(Fixture, "a request that nobody waits for any more is reset") {
  {
    Request gone;
    CHECK(open(gone));
  }
  turn();
  CHECK(server.stream(1).reset);
  CHECK(server.stream(1).code == kCancel);
  CHECK(session.streams() == 0);
}

TEST_CASE_FIXTURE(Fixture, "a lost connection ends every request: lost, or refused where unsent") {
  Request first;
  bool sent = false;
  SUBCASE("sent") {
    sent = true;
  }
  SUBCASE("unsent"){} {
    net::Sleeper other(loop.loop());
    test::ScriptedStream lost;
    Session ended{lost, other, {.role = Session::Role::client}};
    const wire::h2::Fields head{
        {":method", "GET"}, {":scheme", "http"}, {":authority", "a"}, {":path", "/"}};
    CHECK(ended.open(first, head, true));
    if (sent) CHECK(ended.turn(scratch) != Session::Turn::over);
    lost.then(test::ScriptedStream::Status::failed);
    CHECK(ended.turn(scratch) == Session::Turn::over);
    CHECK(first.closed.empty());
  }
  const ErrorCode expected = sent ? ErrorCode::connection_lost : ErrorCode::refused_stream;
  CHECK(first.closed == std::vector{expected});
}

TEST_CASE_FIXTURE(Fixture, "a request behind what the server did not read was not sent") {
  Request first, second;
  std::size_t taken = 0;
  SUBCASE("at all") {
    taken = 0;
  }
  SUBCASE("but for a part of it") {
    taken = 5;
  }
  {
    net::Sleeper other(loop.loop());
    test::ScriptedStream lost;
    Session ended{lost, other, {.role = Session::Role::client}};
    const wire::h2::Fields head{
        {":method", "POST"}, {":scheme", "http"}, {":authority", "a"}, {":path", "/"}};
    CHECK(ended.open(first, head, false));
    ended.turn(scratch);
    lost.take_only(taken);
    CHECK(ended.open(second, head, false));
    ended.turn(scratch);
  }
  CHECK(first.closed == std::vector{ErrorCode::connection_lost});
  const ErrorCode expected = taken > 0 ? ErrorCode::connection_lost : ErrorCode::refused_stream;
  CHECK(second.closed == std::vector{expected});
}

TEST_CASE_FIXTURE(Fixture, "a request whose trailers wait behind its body was sent all the same") {
  Request request;
  {
    net::Sleeper other(loop.loop());
    test::ScriptedStream lost;
    Session ended{lost, other, {.role = Session::Role::client}};
    const wire::h2::Fields head{
        {":method", "POST"}, {":scheme", "http"}, {":authority", "a"}, {":path", "/"}};
    CHECK(ended.open(request, head, false));
    ended.turn(scratch);
    lost.take_only(0);
    request.send_with_trailers("all", "sum: 1\r\n");
    ended.turn(scratch);
  }
  CHECK(request.closed == std::vector{ErrorCode::connection_lost});
}

TEST_CASE_FIXTURE(Fixture, "a ping is answered, or nothing is heard") {
  const std::uint64_t heard = session.heard();
  session.ping();
  turn();
  CHECK(server.count(h2::kPing) == 1);
  CHECK(session.heard() == heard);
  say(h2::frame(h2::kPing, h2::kAck, 0, server.frames().back().payload));
  CHECK(session.heard() > heard);
}
