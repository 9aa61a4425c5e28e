#include "token/oauth/discovered_endpoint.h"

#include <doctest/doctest.h>

#include <string>

#include "tests/support/finished.h"
#include "tests/support/owned_clock.h"
#include "tests/support/scripted_endpoint.h"

using namespace bearer;
using namespace std::chrono_literals;
using Verb = token::TokenRequest::Verb;

namespace {

struct Fixture {
  test::OwnedClock clock;
  const token::TokenRequest request;
  test::EndpointScript script{clock};
  token::DiscoveredEndpoint endpoint{
      {.url = http::parse_url("https://a.example/x").value(),
       .ca_file = "",
       .connect_timeout = 1s,
       .answer_timeout = 1s},
      clock,
      [this](token::EndpointOptions options) { return script.make(std::move(options)); }};

  void give_document(const std::string& token_endpoint = "https://a.example/t") {
    script.give(200,
                R"({"issuer":"https://a.example/x","token_endpoint":")" + token_endpoint + "\"}");
  }
  base::Result<token::Answer> send() { return test::finished(endpoint.send(request)); }
};

}  // namespace

TEST_CASE("a token request goes where the issuer's document says, which is read once") {
  Fixture f;
  f.give_document();
  f.script.give(200, "one");
  f.script.give(200, "two");
  CHECK(f.send()->body.reveal() == "one");
  CHECK(f.send()->body.reveal() == "two");
  REQUIRE(f.script.asked.size() == 3);
  CHECK(f.script.asked[0].url == "https://a.example/x/.well-known/openid-configuration");
  CHECK(f.script.asked[0].verb == Verb::get);
  CHECK(f.script.asked[1].url == "https://a.example/t");
  CHECK(f.script.asked[1].verb == Verb::post);
  CHECK(f.script.asked[1].setting == "issuer");
  CHECK(f.script.asked[2].url == "https://a.example/t");
}

TEST_CASE("RFC 8414's document is asked for where OpenID's is not there") {
  Fixture f;
  f.script.give(404, "");
  f.give_document();
  f.script.give(200, "one");
  CHECK(f.send()->body.reveal() == "one");
  CHECK(f.script.asked[1].url == "https://a.example/.well-known/oauth-authorization-server/x");
}

TEST_CASE("an issuer without a document is named, with what it answered") {
  Fixture f;
  f.script.give(404, "");
  f.script.give(403, "");
  const auto answer = f.send();
  REQUIRE_FALSE(answer.has_value());
  CHECK(answer.error().code == base::Errc::token_malformed);
  CHECK(answer.error().detail ==
        "the issuer https://a.example/x has no metadata document "
        "(/x/.well-known/openid-configuration 404, /.well-known/oauth-authorization-server/x 403)");
  CHECK(answer.error().fix == "check issuer, or set token_url");
}

TEST_CASE("no secret goes anywhere while the document is another issuer's") {
  Fixture f;
  f.script.give(200, R"({"issuer":"https://b.example","token_endpoint":"https://b.example/t"})");
  CHECK_FALSE(f.send().has_value());
  CHECK(f.script.asked.size() == 1);
}

TEST_CASE("a document is read again when it has aged") {
  Fixture f;
  f.give_document();
  f.script.give(200, "one");
  CHECK(f.send().has_value());
  f.clock.advance(token::kMetadataAge);
  f.give_document("https://a.example/moved");
  f.script.give(200, "two");
  CHECK(f.send().has_value());
  CHECK(f.script.asked.back().url == "https://a.example/moved");
}

TEST_CASE("an endpoint that is known is used while its document cannot be had again") {
  Fixture f;
  f.give_document();
  f.script.give(200, "one");
  CHECK(f.send().has_value());
  f.clock.advance(token::kMetadataAge);
  f.script.fail();
  f.script.give(200, "two");
  CHECK(f.send()->body.reveal() == "two");
  CHECK(f.script.asked.back().url == "https://a.example/t");
}

TEST_CASE("an endpoint that gives no answer, or is not there, is looked up again at the next try") {
  for (const bool answers_404 : {false, true}) {
    Fixture f;
    f.give_document();
    answers_404 ? f.script.give(404, "") : f.script.fail();
    (void)f.send();
    f.give_document("https://a.example/moved");
    f.script.give(200, "two");
    CHECK(f.send()->body.reveal() == "two");
    CHECK(f.script.asked.back().url == "https://a.example/moved");
  }
}

TEST_CASE("a fault of the metadata's server is one that passes, and its Retry-After is kept") {
  using base::Errc;
  struct Case {
    int first, second;
    Errc code;
    base::Duration wait;
  };
  for (const Case& c :
       {Case{504, 404, Errc::token_server_error, 7s}, Case{404, 500, Errc::token_server_error, 11s},
        Case{502, 503, Errc::token_server_error, 11s}, Case{408, 400, Errc::token_server_error, 7s},
        Case{404, 429, Errc::token_rate_limited, 11s}}) {
    CAPTURE(c.first);
    CAPTURE(c.second);
    Fixture f;
    f.script.give(c.first, "", 7s);
    f.script.give(c.second, "", 11s);
    const auto answer = f.send();
    REQUIRE_FALSE(answer.has_value());
    CHECK(base::name(answer.error().code) == base::name(c.code));
    CHECK(answer.error().retry_after == c.wait);
    CHECK(answer.error().sentence().find("check issuer") == std::string::npos);
    CHECK(f.script.asked.size() == 2);
  }
}

TEST_CASE("a 429 for one document holds for the other, which is not asked for") {
  Fixture f;
  f.script.give(429, "", 35s);
  const auto answer = f.send();
  REQUIRE_FALSE(answer.has_value());
  CHECK(answer.error().code == base::Errc::token_rate_limited);
  CHECK(answer.error().retry_after == base::Duration(35s));
  CHECK(answer.error().sentence() ==
        "the issuer https://a.example/x answered 429 when asked for its metadata "
        "(/x/.well-known/openid-configuration)");
  CHECK(f.script.asked.size() == 1);
}

TEST_CASE("a server that fails for OpenID's document may have RFC 8414's") {
  Fixture f;
  f.script.give(500, "");
  f.give_document();
  f.script.give(200, "one");
  CHECK(f.send()->body.reveal() == "one");
}

TEST_CASE(
    "while an endpoint is known, its document is not asked for before the time it asked for") {
  Fixture f;
  f.give_document();
  f.script.give(200, "one");
  CHECK(f.send().has_value());
  f.clock.advance(token::kMetadataAge);
  f.script.give(429, "", 50s);
  for (int i = 0; i < 2; ++i) f.script.give(200, "two");
  CHECK(f.send().has_value());
  f.clock.advance(49s);
  CHECK(f.send().has_value());
  CHECK(f.script.asked.size() == 5);
  f.clock.advance(1s);
  f.give_document("https://a.example/moved");
  f.script.give(200, "three");
  CHECK(f.send().has_value());
  CHECK(f.script.asked.back().url == "https://a.example/moved");
}
