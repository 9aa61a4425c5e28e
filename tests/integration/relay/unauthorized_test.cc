// A 401 from the upstream: the token is renewed and the request sent once more.
#include <doctest/doctest.h>

#include <string>

#include "tests/integration/relay/stage.h"

using namespace bearer;
using namespace bearer::test;
using namespace std::chrono_literals;

namespace {

constexpr const char* kFirst = "Authorization: Bearer one";
constexpr const char* kSecond = "Authorization: Bearer two";

std::string refusal() {
  return answer("401 Unauthorized", "no");
}

/// Reads a request on `upstream`, wants that token in it and refuses it.
void refuse(RawSocket& upstream, const char* token) {
  CHECK(read_message(upstream).has(token));
  upstream.send(refusal());
}

/// Takes the client's request with the first token, which is refused a second after the second one
/// came; that one is refused as well.
RawSocket refuse_both(Stage& stage) {
  RawSocket upstream = stage.upstream.accept();
  CHECK(read_message(upstream).has(kFirst));
  stage.tokens.issue("two");
  stage.advance(1s);
  upstream.send(refusal());
  refuse(upstream, kSecond);
  return upstream;
}

}  // namespace

TEST_CASE("a 401 refreshes once and replays the body") {
  const std::string small = "{\"order\":1}";
  const std::string spilled(300'000, 's');  // more than replay_memory_bytes_max
  for (const std::string& request :
       {get("/a"), post(small), post(spilled), post_chunked(small), post_chunked(spilled)}) {
    Stage stage;
    stage.tokens.issue_when_rejected({"two"});
    RawSocket client = stage.client();
    client.send(request);
    RawSocket upstream = stage.upstream.accept();
    const RawMessage first = read_message(upstream);
    CHECK(first.has(kFirst));
    upstream.send(refusal());
    const RawMessage second = read_message(upstream);
    CHECK(second.has(kSecond));
    CHECK(second.start_line == first.start_line);
    CHECK((second.body == first.body));
    upstream.send(answer("200 OK", "yes"));
    const RawMessage response = read_message(client);
    CHECK(response.status() == 200);
    CHECK(response.body == "yes");
    CHECK(response.has("Bearer-Proxy-Attempts: 2"));
    CHECK(stage.tokens.rejects() == 1);
    CHECK(stage.tokens.replays() == std::vector<bool>{true});
  }
}

TEST_CASE("a 401 that comes while the body is still streamed is replayed with all of it") {
  Stage stage;
  stage.tokens.issue_when_rejected({"two"});
  RawSocket client = stage.client();
  client.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n12345");
  {
    RawSocket upstream = stage.upstream.accept();
    read_head(upstream);
    CHECK(upstream.read_bytes(5) == "12345");
    upstream.send(refusal());
    // Half a request was sent there: nothing else can be.
    CHECK(upstream.await_end() == RawSocket::End::closed);
  }
  RawSocket upstream = stage.upstream.accept();
  CHECK(read_head(upstream).has(kSecond));
  CHECK(upstream.read_bytes(5) == "12345");
  client.send("67890");
  CHECK(upstream.read_bytes(5) == "67890");
  upstream.send(answer("200 OK"));
  CHECK(read_message(client).status() == 200);
}

TEST_CASE("the second 401 is relayed, and reported to the credential") {
  Stage stage;
  stage.tokens.issue_when_rejected({"two", "three"});
  RawSocket client = stage.client();
  client.send(get());
  RawSocket upstream = stage.upstream.accept();
  refuse(upstream, kFirst);
  refuse(upstream, kSecond);
  const RawMessage response = read_message(client);
  CHECK(response.status() == 401);
  CHECK(response.body == "no");
  CHECK(stage.tokens.rejects() == 1);
  CHECK(stage.tokens.replays() == std::vector<bool>{false});
}

TEST_CASE("a 401 is relayed at once while the credential holds off, or where a token cannot help") {
  const std::string scope = "WWW-Authenticate: Bearer error=\"insufficient_scope\"\r\n";
  for (const bool holding_off : {true, false}) {
    Stage stage;
    stage.tokens.issue_when_rejected({"two"});
    stage.tokens.hold_off(holding_off);
    RawSocket client = stage.client();
    client.send(get());
    RawSocket upstream = stage.take_request();
    upstream.send(answer("401 Unauthorized", "no", holding_off ? "" : scope));
    CHECK(read_message(client).status() == 401);
    CHECK(stage.tokens.rejects() == 0);
  }
}

TEST_CASE("a 401 to a token that was renewed meanwhile is replayed without a refresh") {
  Stage stage;
  RawSocket client = stage.client();
  client.send(get());
  RawSocket upstream = stage.upstream.accept();
  CHECK(read_message(upstream).has(kFirst));
  stage.tokens.issue("two");
  stage.settle();
  upstream.send(refusal());
  CHECK(read_message(upstream).has(kSecond));
  CHECK(stage.tokens.rejects() == 0);
  upstream.send(answer("200 OK"));
  CHECK(read_message(client).status() == 200);
}

TEST_CASE(
    "a token renewed meanwhile that was revoked too is replaced: one asked for since counts") {
  for (const bool taken : {true, false}) {
    Stage stage;
    stage.tokens.issue_when_rejected({"three", "four"});
    RawSocket client = stage.client();
    client.send(get());
    RawSocket upstream = refuse_both(stage);
    CHECK(read_message(upstream).has("Authorization: Bearer three"));
    upstream.send(taken ? answer("200 OK") : refusal());
    const RawMessage response = read_message(client);
    CHECK(stage.tokens.rejects() == 1);
    CHECK(response.status() == (taken ? 200 : 401));
    CHECK(response.has("Bearer-Proxy-Attempts: 3"));
    CHECK(stage.tokens.replays() == std::vector<bool>{taken});
  }
}

TEST_CASE("a replay is made twice at most, however old the tokens are") {
  Stage stage;
  stage.tokens.issue_when_rejected({"three"}, 1s);
  RawSocket client = stage.client();
  client.send(get());
  RawSocket upstream = refuse_both(stage);
  refuse(upstream, "Authorization: Bearer three");
  CHECK(read_message(client).status() == 401);
  CHECK(stage.tokens.replays() == std::vector<bool>{false});
}

TEST_CASE("a token that is revoked while a lost replay is retried has a replay of its own") {
  Stage stage;
  stage.tokens.issue_when_rejected({"two", "three"});
  RawSocket client = stage.client();
  client.send(get());
  {
    RawSocket upstream = stage.upstream.accept();
    refuse(upstream, kFirst);
    CHECK(read_message(upstream).has(kSecond));
  }
  stage.seen.attempt(2);
  stage.settle();
  stage.advance(2s);
  RawSocket upstream = stage.upstream.accept();
  refuse(upstream, kSecond);
  CHECK(read_message(upstream).has("Authorization: Bearer three"));
  upstream.send(answer("200 OK"));
  CHECK(read_message(client).status() == 200);
  CHECK(stage.tokens.replays() == std::vector<bool>{true});
}

TEST_CASE("a 401 is relayed untouched where no new token comes within token-wait") {
  Stage stage;
  RawSocket client = stage.client();
  client.send(get());
  RawSocket upstream = stage.upstream.accept();
  refuse(upstream, kFirst);
  stage.seen.attempt(1);
  stage.settle();
  stage.advance(10s - 1ns);
  CHECK(client.quiet());
  stage.advance(1ns);
  const RawMessage response = read_message(client);
  CHECK(response.status() == 401);
  CHECK(response.body == "no");
}

TEST_CASE("a 401 to a body that was not kept is relayed, and the next one has another token") {
  Stage stage([](Stage::Settings& settings) { settings.route().replay_bytes_max = 4; });
  stage.tokens.issue_when_rejected({"two"});
  RawSocket client = stage.client();
  client.send(post("12345"));
  RawSocket upstream = stage.upstream.accept();
  refuse(upstream, kFirst);
  CHECK(read_message(client).status() == 401);
  CHECK(stage.tokens.rejects() == 1);
  client.send(post("67890"));
  CHECK(read_message(upstream).has(kSecond));
}
