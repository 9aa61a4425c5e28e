#include "relay/attempt.h"

#include <doctest/doctest.h>

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/random.h"
#include "tests/support/observations.h"
#include "tests/support/owned_clock.h"
#include "tests/support/scripted_source.h"
#include "tests/support/scripted_stream.h"
#include "tests/support/still_dialer.h"
#include "tests/unit/relay/relaying.h"

using namespace bearer;
using relay::Attempt;
using relay::TransferState;
using relay::test::RequestLines;
using test::ScriptedStream;
using HeadState = relay::Attempt::HeadState;

namespace {

const std::string kHints = "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n";
const std::string kAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// One attempt at an upstream that the test plays.
class Trial {
 public:
  explicit Trial(std::string_view lines = "GET / HTTP/1.1\nHost: localhost") {
    const RequestLines head(lines);
    request.id.set("one");
    REQUIRE_FALSE(relay::test::read_request(head, {}, routes_, request).has_value());
    body.emplace(request.framing, relay::ReplayBody::Limits{1024, 1024});
    client.emplace(context_, std::make_unique<ScriptedStream>(), net::Peer{}, -1,
                   relay::Downstream::Kind::connection);
    attempt.emplace(*client, route, request, *body);
    auto stream = std::make_unique<ScriptedStream>(closed);
    upstream = stream.get();
    attempt->attach({std::move(stream), test::address_of("127.0.0.1")});
  }

  ScriptedStream& at_client() { return static_cast<ScriptedStream&>(*client->stream); }
  const http::ResponseHead& head() { return attempt->response(); }
  /// As another exchange of the loop does while this one sleeps.
  void use_scratch() {
    relay::Scratch& scratch = context_.scratch;
    REQUIRE(http::parse_response_head("HTTP/1.1 200 OK\r\n\r\n", scratch.response) ==
            http::HeadFault::none);
    scratch.response_of = nullptr;
  }
  /// The response's body goes to the client as it came.
  TransferState download() {
    const std::array<std::string_view, 1> lines{"HTTP/1.1 200 OK\r\n\r\n"};
    return attempt->download(attempt->framing().kind, lines);
  }

 private:
  test::OwnedClock clock_;
  test::ScriptedSource tokens_{clock_};
  test::Observations seen_;
  relay::CounterRegistry registry_;
  relay::LoopContext context_{clock_, seen_, registry_, std::make_unique<base::JitterRandom>(1)};
  relay::RouteTable routes_{{relay::test::route("/", "http://api.example.com")}};
  relay::TokenSlot token_{context_.loop, tokens_};
  relay::DpopNonce nonce_;

 public:
  bool closed = false;  ///< the upstream's connection, which may end with its pool
  relay::LoopRoute route{
      *routes_.routes().front(),           token_, std::make_unique<test::StillDialer>(),
      registry_.route(context_.loop, "/"), nonce_, context_.loop};
  relay::Request request;
  std::optional<relay::RequestBody> body;
  std::optional<relay::Downstream> client;
  ScriptedStream* upstream = nullptr;
  std::optional<Attempt> attempt;
};

}  // namespace

TEST_CASE("the head goes out with the token, and counts as sent once a byte of it has gone") {
  Trial trial;
  trial.upstream->take_only(0);
  CHECK(trial.attempt->send({"secret"}) == TransferState::some);
  CHECK_FALSE(trial.attempt->sent_any());
  CHECK_FALSE(trial.attempt->uploaded());
  trial.upstream->take_only(ScriptedStream::kUnlimited);
  CHECK(trial.attempt->upload() == TransferState::all);
  CHECK(trial.attempt->sent_any());
  CHECK(trial.attempt->uploaded());
  CHECK(trial.upstream->written() ==
        "GET / HTTP/1.1\r\nHost: api.example.com\r\nX-Request-Id: one\r\n"
        "Via: 1.1 bearer-proxy\r\n"
        "Authorization: Bearer secret\r\n\r\n");
}

TEST_CASE("interim responses are passed on, and the final head is found behind them") {
  for (const std::size_t piece : {1u, 7u, 1000u}) {
    CAPTURE(piece);
    Trial trial;
    trial.attempt->send({"t"});
    const std::string all = kHints + "HTTP/1.1 100 Continue\r\n\r\n" + kHints + kAnswer;
    HeadState heard = HeadState::nothing;
    for (std::size_t at = 0; at < all.size(); at += piece) {
      trial.upstream->give(std::string_view(all).substr(at, piece));
      if (heard != HeadState::head) heard = trial.attempt->poll_response_head();
    }
    CHECK(heard == HeadState::head);
    CHECK(trial.head().status == 200);
    CHECK(trial.at_client().take_written() == kHints + kHints);  // 100 is ours to say
    CHECK(trial.download() == TransferState::all);
    CHECK(trial.at_client().written().ends_with("\r\n\r\nok"));
  }
}

TEST_CASE("a response's head is its attempt's own, whoever used the loop's memory meanwhile") {
  Trial trial;
  trial.attempt->send({"t"});
  trial.upstream->give("HTTP/1.1 429 Too Many Requests\r\nRetry-After: 3\r\n\r\n");
  REQUIRE(trial.attempt->poll_response_head() == HeadState::head);
  trial.use_scratch();
  CHECK(trial.head().status == 429);
  CHECK(trial.head().fields.value(http::FieldName::retry_after) == "3");
}

TEST_CASE("a head that was unfolded is its attempt's own too") {
  Trial trial;
  trial.attempt->send({"t"});
  trial.upstream->give("HTTP/1.1 430 Odd\nX-Folded: one\n two\nContent-Length: 2\n\nok");
  REQUIRE(trial.attempt->poll_response_head() == HeadState::head);
  trial.use_scratch();
  CHECK(trial.head().status == 430);
  CHECK(trial.head().fields.begin()->value == "one two");
  CHECK(trial.attempt->framing() == http::Framing{http::Framing::Kind::length, 2});
  CHECK(trial.download() == TransferState::all);
  CHECK(trial.at_client().written().ends_with("\r\n\r\nok"));
}

TEST_CASE("a stream of interim responses that does not end leaves the others their turn") {
  Trial trial;
  trial.attempt->send({"t"});
  for (int i = 0; i < 100; ++i) trial.upstream->give(kHints);
  CHECK(trial.attempt->poll_response_head() == HeadState::again);
  CHECK(trial.upstream->reads() < 20);
  trial.upstream->give(kAnswer);
  int turns = 0;
  while (trial.attempt->poll_response_head() == HeadState::again) ++turns;
  CHECK(turns > 5);
  CHECK(trial.head().status == 200);
}

TEST_CASE("a connection that ends before its head is whole is lost") {
  for (const std::string_view part : {"", "HTTP/1.1 200 OK\r\n"}) {
    for (const auto end : {ScriptedStream::Status::ended, ScriptedStream::Status::failed}) {
      Trial trial;
      trial.attempt->send({"t"});
      trial.upstream->give(part);
      CHECK(trial.attempt->poll_response_head() == HeadState::nothing);
      trial.upstream->then(end);
      CHECK(trial.attempt->poll_response_head() == HeadState::lost);
    }
  }
}

TEST_CASE("a head that is none, or over a limit, says so") {
  struct Case {
    std::string response;
    http::HeadFault fault;
  };
  const std::string status_line = "HTTP/1.1 200 OK\r\n";
  const Case cases[] = {
      {"\nHTTP/1.1 200 OK\n\n", http::HeadFault::no_head},
      {"HTTP/1.1 200 OK\nX: a\rb\n\n", http::HeadFault::line_end_malformed},
      {"HTTP/1.1 200 " + std::string(17u << 10, 'r'), http::HeadFault::start_line_too_long},
      {status_line + "X: " + std::string(65u << 10, 'v'), http::HeadFault::head_too_large},
      {"HTTP/1.1 2000 OK\r\n\r\n", http::HeadFault::status_line_malformed},
  };
  for (const Case& c : cases) {
    Trial trial;
    trial.attempt->send({"t"});
    trial.upstream->give(c.response);
    HeadState heard = trial.attempt->poll_response_head();
    CHECK(heard == HeadState::malformed);
    CHECK(trial.attempt->fault() == c.fault);
  }
}

TEST_CASE("a connection is kept for the next request only where this exchange is whole") {
  struct Case {
    const char* what;
    std::string response;
    bool kept;
  };
  const Case cases[] = {
      {"whole", kAnswer, true},
      {"whole, in chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", true},
      {"its body is still to come", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no", false},
      {"more follows", kAnswer + "x", false},
      {"it ends with the connection", "HTTP/1.1 200 OK\r\n\r\nok", false},
      {"the upstream closes", "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n", false},
      {"too much to read for nothing",
       "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + std::string(100'000, 'b'), false},
  };
  for (const Case& c : cases) {
    CAPTURE(c.what);
    Trial trial;
    trial.attempt->send({"t"});
    trial.upstream->give(c.response);
    REQUIRE(trial.attempt->poll_response_head() == HeadState::head);
    trial.attempt->release();
    CHECK(trial.route.pool.idle() == (c.kept ? 1 : 0));
    CHECK(trial.closed == !c.kept);
  }
}

TEST_CASE("an answer to a request that is not sent to its end does not keep the connection") {
  Trial trial("POST / HTTP/1.1\nHost: localhost\nContent-Length: 2");
  trial.attempt->send({"t"});
  CHECK(trial.attempt->awaiting_client());
  trial.upstream->give(kAnswer);
  REQUIRE(trial.attempt->poll_response_head() == HeadState::head);
  CHECK(trial.download() == TransferState::all);
  trial.attempt->release();
  CHECK(trial.closed);
}
