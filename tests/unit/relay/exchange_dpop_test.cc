// Tokens that are bound to a key.
#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/raw_message.h"
#include "tests/support/relay_world.h"
#include "tests/unit/relay/exchange_fixture.h"

using namespace bearer;
using namespace std::chrono_literals;
using namespace bearer::test::exchanging;

namespace {

/// Says what it proves, in place of a signature.
class PlainBinding final : public token::Binding {
 public:
  std::unique_ptr<token::Prover> prover() const override { return std::make_unique<Plain>(); }
  std::string text() const override { return "plain"; }

 private:
  struct Plain final : token::Prover {
    base::Result<std::string_view> prove(const token::ProvenRequest& request) override {
      text = std::to_string(++proofs) + " " + std::string(request.method) + " " +
             std::string(request.origin) + std::string(request.target) + " " +
             std::string(request.token_digest.substr(0, 4)) + " " + std::string(request.nonce);
      return std::string_view(text);
    }
    int proofs = 0;
    std::string text;
  };
};

int count(const RawMessage& message, const std::string& name) {
  const std::string lines = "\r\n" + message.fields;
  int found = 0;
  for (std::size_t at = 0; (at = lines.find("\r\n" + name + ": ", at)) != lines.npos; ++at) ++found;
  return found;
}

struct Bound : Fixture {
  Bound() {
    world.tokens.bind(std::make_shared<PlainBinding>());
    world.tokens.issue("bound");
    world.advance(60s);  // it is no longer so young that the one before stands in for it
  }
  /// Returns the DPoP field of the one request that the upstream got.
  std::string proof() {
    const RawMessage sent = take(world.upstream());
    CHECK(count(sent, "DPoP") == 1);
    return sent.value("DPoP");
  }
};

const std::string kNonceAsked = "WWW-Authenticate: DPoP error=\"use_dpop_nonce\"\r\n";

}  // namespace

TEST_CASE_FIXTURE(Bound, "a bound token goes as DPoP with a proof of the request as it is sent") {
  use([](relay::RouteOptions& route) { route.path = "/"; });
  ask(get("/users?page=2", "DPoP: of-the-client\r\nAuthorization: DPoP its-own\r\n"));
  const RawMessage sent = take(world.upstream());
  CHECK(sent.has("Authorization: DPoP bound"));
  CHECK(count(sent, "Authorization") == 1);
  CHECK(count(sent, "DPoP") == 1);
  CHECK(sent.value("DPoP") == "1 GET http://api.example.com/users?page=2 Xhz0 ");
}

TEST_CASE_FIXTURE(Bound, "a nonce is learned from a success, and from an odd value nothing is") {
  Wire& client = ask(get("/1"));
  CHECK(proof().ends_with(" "));
  respond(answer("200 OK", "1", "DPoP-Nonce: n-1\r\n"));
  take(client);
  client.give(get("/2"));
  world.settle();
  CHECK(proof().ends_with(" n-1"));
  respond(answer("200 OK", "2", "DPoP-Nonce: a b\r\n"));
  take(client);
  client.give(get("/3"));
  world.settle();
  CHECK(proof().ends_with(" n-1"));
}

TEST_CASE_FIXTURE(Bound,
                  "a nonce that is asked for is given at once: same token, body, new proof") {
  Wire& client = ask(post("{\"order\":7}"));
  const RawMessage first = take(world.upstream());
  respond(answer("401 Unauthorized", "no", kNonceAsked + "DPoP-Nonce: n-1\r\n"));
  const RawMessage second = take(world.upstream());
  CHECK(second.has("Authorization: DPoP bound"));
  CHECK(second.body == first.body);
  CHECK(second.value("DPoP").starts_with("2 POST "));
  CHECK(second.value("DPoP").ends_with(" n-1"));
  CHECK(nothing_at(client));
  respond(answer("201 Created"));
  const RawMessage response = take(client);
  CHECK(response.status() == 201);
  CHECK(response.has("Bearer-Proxy-Attempts: 2"));
  CHECK(world.tokens.rejects() == 0);
  CHECK(world.tokens.replays().empty());
}

TEST_CASE_FIXTURE(Bound, "a fourth challenge in a row is relayed, and the token is not renewed") {
  world.tokens.issue_when_rejected({"two"});
  Wire& client = ask(get("/"));
  for (const std::string nonce : {"", "n-1", "n-2", "n-3"}) {
    CHECK(proof().ends_with(" " + nonce));
    CHECK(nothing_at(client));
    const std::string next = nonce.empty() ? "n-1" : "n-" + std::to_string(nonce.back() - '0' + 1);
    respond(answer("401 Unauthorized", "no", kNonceAsked + "DPoP-Nonce: " + next + "\r\n"));
  }
  CHECK(take(client).status() == 401);
  CHECK(world.tokens.rejects() == 0);
}

TEST_CASE_FIXTURE(Bound, "a challenge without a nonce that is new is relayed at once") {
  Wire& client = ask(get("/"));
  take(world.upstream());
  respond(answer("401 Unauthorized", "no", kNonceAsked + "DPoP-Nonce: n-1\r\n"));
  take(world.upstream());
  respond(answer("401 Unauthorized", "no", kNonceAsked));
  CHECK(take(client).status() == 401);
  CHECK(world.tokens.rejects() == 0);
}

TEST_CASE_FIXTURE(Bound, "a token that is refused after the nonce was given is renewed as ever") {
  world.tokens.issue_when_rejected({"two"});
  Wire& client = ask(get("/"));
  take(world.upstream());
  respond(answer("401 Unauthorized", "no", kNonceAsked + "DPoP-Nonce: n-1\r\n"));
  take(world.upstream());
  respond(answer("401 Unauthorized", "no", "WWW-Authenticate: DPoP error=\"invalid_token\"\r\n"));
  const RawMessage third = take(world.upstream());
  CHECK(third.has("Authorization: DPoP two"));
  CHECK(third.value("DPoP").starts_with("3 GET "));
  respond(answer("401 Unauthorized", "no", kNonceAsked + "DPoP-Nonce: n-2\r\n"));
  const RawMessage fourth = take(world.upstream());
  CHECK(fourth.has("Authorization: DPoP two"));
  CHECK(fourth.value("DPoP").ends_with(" n-2"));
  respond(answer("200 OK"));
  CHECK(take(client).status() == 200);
  CHECK(world.tokens.rejects() == 1);
  CHECK(world.tokens.replays() == std::vector<bool>{true});
}

TEST_CASE_FIXTURE(Bound, "each retry has a proof of its own") {
  ask(get("/"));
  CHECK(proof().starts_with("1 GET "));
  respond(answer("503 Service Unavailable", "", kWait));
  world.advance(4s);
  CHECK(proof().starts_with("2 GET "));
}

TEST_CASE_FIXTURE(Fixture,
                  "a Bearer token goes without a proof, whatever the upstream says of nonces") {
  world.tokens.issue_when_rejected({"two"});
  Wire& client = ask(get("/", "DPoP: of-the-client\r\n"));
  const RawMessage first = take(world.upstream());
  CHECK(count(first, "DPoP") == 0);
  respond(answer("401 Unauthorized", "no", kNonceAsked + "DPoP-Nonce: n-1\r\n"));
  const RawMessage second = take(world.upstream());
  CHECK(second.has("Authorization: Bearer two"));
  CHECK(count(second, "DPoP") == 0);
  respond(answer("200 OK"));
  CHECK(take(client).status() == 200);
}
