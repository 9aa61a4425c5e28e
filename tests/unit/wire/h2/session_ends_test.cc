// How sessions end: what a lost client's request is taken for, and a server whose client has ended
// its side.
#include <doctest/doctest.h>

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/h2_frames.h"
#include "tests/support/owned_loop.h"
#include "tests/support/scripted_stream.h"
#include "wire/h2/session.h"

using namespace bearer;
using wire::h2::ErrorCode;
using wire::h2::Session;
namespace h2 = test::h2;

namespace {

class Exchange final : public wire::h2::Channel {
 public:
  std::vector<ErrorCode> closed;

 private:
  void on_field(std::string_view, std::string_view) override {}
  void on_fields_end(bool) override {}
  void on_data(std::string_view) override {}
  void on_end() override {}
  void on_sent() override {}
  void on_closed(ErrorCode why) override { closed.push_back(why); }
};

/// Its peer may have ended its sending and still read.
class HalfClosed final : public net::Stream {
 public:
  test::ScriptedStream script;
  bool left = false;

  void set_waiter(net::Sleeper* sleeper) override { script.set_waiter(sleeper); }
  net::Io read(std::span<char> into) override { return script.read(into); }
  net::Io write(std::span<const iovec> from) override { return script.write(from); }
  bool peer_closed() const override { return script.peer_closed(); }
  bool peer_left(base::Instant) override { return left; }
  bool quiet(bool ask) override { return script.quiet(ask); }
  void shut() override { script.shut(); }
  void reset_on_close() override { script.reset_on_close(); }
};

struct Server {
  Server() { client.script.give(h2::hello()); }

  Session::Turn turn() {
    const Session::Turn turn = session.turn(scratch);
    reader.feed(client.script.take_written());
    return turn;
  }
  wire::h2::Channel* accept() { return accepted.emplace_back(std::make_unique<Exchange>()).get(); }

  test::OwnedLoop loop;
  net::Sleeper sleeper{loop.loop()};
  HalfClosed client;
  std::vector<char> scratch = std::vector<char>(65536);
  test::H2Reader reader;
  std::vector<std::unique_ptr<Exchange>> accepted;
  Session session{client, sleeper, {.accept = [this] { return accept(); }}};
};

}  // namespace

TEST_CASE_FIXTURE(Server, "a client that ends its side after whole requests gets its answers") {
  client.script.give(h2::head(1, h2::request("GET", "/")) +
                     h2::head(3, h2::request("PUT", "/"), false));
  client.script.then(net::Io::Status::ended);
  CHECK(turn() == Session::Turn::wait);
  REQUIRE(accepted.size() == 2);
  CHECK(accepted[0]->closed.empty());
  CHECK(accepted[1]->closed == std::vector{ErrorCode::connection_lost});  // never whole
  SUBCASE("it reads") {
    session.send_response(*accepted[0], wire::h2::Fields{{":status", "204"}}, true);
    CHECK(turn() == Session::Turn::over);
    CHECK(reader.stream(1).status() == "204");
    CHECK(reader.stream(1).ended);
  }
  SUBCASE("it has gone") {
    client.left = true;
    CHECK(turn() == Session::Turn::over);
  }
}

TEST_CASE_FIXTURE(Server, "a client that ends its side without a request is done with") {
  client.script.then(net::Io::Status::ended);
  CHECK(turn() == Session::Turn::over);
}

TEST_CASE("a request whose head was written, if in part, is lost with its connection, not unsent") {
  test::OwnedLoop loop;
  net::Sleeper sleeper(loop.loop());
  test::ScriptedStream stream;
  std::vector<char> scratch(65536);
  // No code for it is shorter: such a head goes out in several frames.
  const std::string filler(40'000, '~');
  const wire::h2::Fields head{
      {":method", "POST"}, {":scheme", "http"}, {":authority", "a"}, {":path", "/"}, {"x", filler}};
  // More than a turn's writes take: the last one ends within a head.
  std::vector<std::unique_ptr<Exchange>> requests;
  std::size_t begun = 0;
  {
    Session session{stream, sleeper, {.role = Session::Role::client}};
    for (int i = 0; i < 18; ++i) {
      requests.push_back(std::make_unique<Exchange>());
      CHECK(session.open(*requests.back(), head, true));
    }
    CHECK(session.turn(scratch) == Session::Turn::again);
    begun = stream.written().size() / filler.size() + 1;
    stream.then(net::Io::Status::failed);
    CHECK(session.turn(scratch) == Session::Turn::over);
  }
  CHECK(begun == 16);
  for (std::size_t i = 0; i < requests.size(); ++i) {
    CAPTURE(i);
    const bool lost = i < begun;
    const ErrorCode why = lost ? ErrorCode::connection_lost : ErrorCode::refused_stream;
    CHECK(requests[i]->closed == std::vector{why});
  }
}
