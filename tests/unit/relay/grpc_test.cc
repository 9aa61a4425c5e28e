// gRPC calls through whole exchanges, over scripted streams: the version of HTTP does not matter.
#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <string_view>

#include "relay/exchange.h"
#include "tests/support/observations.h"
#include "tests/support/raw_message.h"
#include "tests/support/relay_world.h"

using namespace bearer;
using namespace std::chrono_literals;
using test::answer;
using test::post;
using test::RawMessage;
using test::Wire;

namespace {

const std::string kCall = "Content-Type: application/grpc+proto\r\nTE: trailers\r\n";

/// A response without a message.
std::string failed(int status, const std::string& more = "") {
  return answer(
      "200 OK", "",
      "Content-Type: application/grpc\r\ngrpc-status: " + std::to_string(status) + "\r\n" + more);
}

struct Fixture {
  Wire& call(std::string_view more = "") {
    Wire& client = world.connect();
    client.give(post("message", kCall + std::string(more)));
    world.settle();
    return client;
  }
  void respond(std::string_view response) {
    world.upstream().stream.take_written();
    world.upstream().give(response);
    world.settle();
  }
  RawMessage sent() { return take(world.upstream()); }
  static RawMessage take(Wire& wire) {
    std::string bytes = wire.stream.take_written();
    const std::optional<RawMessage> message = test::take_message(bytes);
    REQUIRE(message.has_value());
    return *message;
  }
  bool nothing_sent() { return world.upstream().stream.written().empty(); }

  test::Observations seen;
  test::RelayWorld world{seen};
};

const std::string kDone = answer("200 OK", "answer", "Content-Type: application/grpc\r\n");

}  // namespace

TEST_CASE_FIXTURE(Fixture, "UNAUTHENTICATED renews the token and replays the call once") {
  world.tokens.issue_when_rejected({"two"});
  Wire& client = call();
  respond(failed(16));
  const RawMessage second = sent();
  CHECK(second.has("Authorization: Bearer two"));
  CHECK(second.body == "message");
  respond(failed(16));
  const RawMessage response = take(client);
  CHECK(response.value("grpc-status") == "16");
  CHECK(response.value("Bearer-Proxy-Attempts") == "2");
}

TEST_CASE_FIXTURE(Fixture,
                  "UNAVAILABLE is absorbed after a backoff, or after the server's pushback") {
  Wire& client = call();
  base::Duration wait = 1500ms;  // a backoff of 1 s, and half of it as jitter
  SUBCASE("backoff") {
    respond(failed(14));
  }
  SUBCASE("pushback") {
    respond(failed(14, "grpc-retry-pushback-ms: 7000\r\n"));
    world.advance(6999ms);
    CHECK(nothing_sent());
    wait = 701ms;  // a tenth as jitter
  }
  world.advance(wait);
  CHECK(sent().body == "message");
  respond(kDone);
  CHECK(take(client).body == "answer");
}

TEST_CASE_FIXTURE(Fixture, "RESOURCE_EXHAUSTED is absorbed only where the server says until when") {
  Wire& client = call();
  respond(failed(8));
  CHECK(take(client).value("grpc-status") == "8");
  Wire& other = call();
  respond(failed(8, "grpc-retry-pushback-ms: 2000\r\n"));
  CHECK(other.stream.written().empty());
  Wire& beside = call();  // the wait is that call's own
  CHECK(sent().body == "message");
  respond(kDone);
  CHECK(take(beside).body == "answer");
  world.advance(2200ms);
  CHECK(sent().body == "message");
}

TEST_CASE_FIXTURE(Fixture, "a server that pushes back for good, or fails otherwise, is obeyed") {
  for (const std::string& response :
       {failed(14, "grpc-retry-pushback-ms: -1\r\n"), failed(8, "grpc-retry-pushback-ms: no\r\n"),
        failed(2), failed(7), failed(13)}) {
    Wire& client = call();
    respond(response);
    const RawMessage relayed = take(client);
    CHECK(relayed.status() == 200);
    CHECK(relayed.value("Bearer-Proxy-Attempts").empty());
  }
}

TEST_CASE_FIXTURE(Fixture, "a response that is no gRPC call's is not judged as one") {
  Wire& client = world.connect();
  client.give(post("{}", "Content-Type: application/json\r\n"));
  world.settle();
  respond(failed(14));
  CHECK(take(client).value("grpc-status") == "14");
}

TEST_CASE_FIXTURE(Fixture, "grpc-timeout is the window in which a call may be repeated") {
  Wire& client = call("grpc-timeout: 3S\r\n");
  respond(failed(14, "grpc-retry-pushback-ms: 4000\r\n"));
  CHECK(take(client).value("grpc-status") == "14");
}

TEST_CASE_FIXTURE(Fixture, "what we answer ourselves to a gRPC call is a grpc-status") {
  relay::RouteOptions route;
  route.retry.max_retries = 0;
  world.use(route);
  world.at_upstream.next = test::RelayWorld::Upstream::Dialing::is_refused;
  const RawMessage response = take(call());
  CHECK(response.status() == 200);
  CHECK(response.value("grpc-status") == "14");
  CHECK(response.value("grpc-message").find("refused") != std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "a call whose upstream is lost in the middle ends as UNAVAILABLE") {
  const std::string begun =
      "HTTP/1.1 200 OK\r\nContent-Type: application/grpc\r\nTransfer-Encoding: chunked\r\n\r\n"
      "5\r\nfirst\r\n";
  SUBCASE("with the trailers that its client takes") {
    Wire& client = call();
    respond(begun);
    world.upstream().break_off();
    world.settle();
    const std::string heard = client.stream.take_written();
    CHECK(heard.find("5\r\nfirst\r\n0\r\ngrpc-status: 14\r\ngrpc-message: the upstream closed") !=
          std::string::npos);
    CHECK(heard.ends_with("\r\n\r\n"));
  }
  SUBCASE("but nothing looks whole to who is no gRPC client, or takes no trailers") {
    Wire& client = world.connect();
    SUBCASE("no gRPC") {
      client.give(post("message", "TE: trailers\r\n"));
    }
    SUBCASE("no trailers") {
      client.give(post("message", "Content-Type: application/grpc\r\n"));
    }
    world.settle();
    respond(begun);
    world.upstream().break_off();
    world.settle();
    CHECK(client.stream.take_written().ends_with("5\r\nfirst\r\n"));
  }
}
