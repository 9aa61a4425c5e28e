#include "http/challenge.h"

#include <doctest/doctest.h>

#include "tests/unit/http/field_list.h"

using namespace bearer::http;
using test::Fields;

TEST_CASE("insufficient_scope is found wherever it stands as an error") {
  for (const char* value : {
           R"(Bearer error="insufficient_scope")",
           R"(bearer error=insufficient_scope)",
           R"(BEARER ERROR = "insufficient_scope")",
           R"(Bearer realm="a, b", error="insufficient_scope", scope="x y")",
           R"(Bearer realm="say \"error\", no", error="insufficient_scope")",
           R"(Basic realm="x", Bearer error="insufficient_scope")",
           R"(Negotiate abc==, Bearer error="insufficient_scope")",
           R"(Negotiate, Bearer error="insufficient_scope")",
           R"(Bearer error="insufficient_scope", Basic realm="x")",
           R"(,, Bearer , error="insufficient_scope")",
           R"(DPoP algs="ES256", error="insufficient_scope")",
       }) {
    CAPTURE(value);
    CHECK(insufficient_scope(Fields{{"WWW-Authenticate", value}}));
  }
  CHECK(insufficient_scope(Fields{{"WWW-Authenticate", "Basic realm=\"x\""},
                                  {"WWW-Authenticate", "Bearer error=\"insufficient_scope\""}}));
}

TEST_CASE("insufficient_scope is not found where something else is said") {
  for (const char* value : {
           "",
           "Bearer",
           R"(Bearer error="invalid_token")",
           R"(Bearer error="insufficient_scope_x")",
           R"(Bearer error_description="insufficient_scope")",
           R"(Bearer realm="error=insufficient_scope")",
           R"(Bearer realm="x, error=\"insufficient_scope\"")",
           R"(Bearer xerror="insufficient_scope")",
           R"(Bearer scope="insufficient_scope")",
           "insufficient_scope",
       }) {
    CAPTURE(value);
    CHECK_FALSE(insufficient_scope(Fields{{"WWW-Authenticate", value}}));
  }
  CHECK_FALSE(insufficient_scope(Fields{{"X-Other", "Bearer error=\"insufficient_scope\""}}));
}

TEST_CASE("insufficient_scope is found with needless escapes, as the log shows it") {
  const Fields fields{{"WWW-Authenticate", R"(Bearer error="insufficient\_scope")"}};
  CHECK(insufficient_scope(fields));
  CHECK(bearer_challenge(fields)->error == "insufficient_scope");
}

TEST_CASE("a Bearer challenge is read with its quoted strings") {
  struct {
    const char* value;
    BearerChallenge expected;
  } const cases[] = {
      {"Bearer", {}},
      {R"(Bearer realm="x")", {}},
      {R"(Bearer error="invalid_token", error_description="It \"expired\", sorry", scope="a b")",
       {"invalid_token", "It \"expired\", sorry", "a b"}},
      {R"(Basic realm="b", error="no", bearer error=yes, Digest error="no")", {"yes", "", ""}},
      {R"(Bearer realm="first", Bearer error="second")", {"second", "", ""}},
      {R"(Bearer error="first", Bearer error="second")", {"first", "", ""}},
      {R"(Negotiate YWJj=, Bearer error="e")", {"e", "", ""}},
      {R"(Bearer error_description="never closed)", {"", "never closed", ""}},
  };
  for (const auto& c : cases) {
    CAPTURE(c.value);
    const auto challenge = bearer_challenge(Fields{{"WWW-Authenticate", c.value}});
    REQUIRE(challenge.has_value());
    CHECK(challenge->error == c.expected.error);
    CHECK(challenge->description == c.expected.description);
    CHECK(challenge->scope == c.expected.scope);
  }
  for (const char* value : {"", "Basic realm=\"Bearer\"", "Bearerish error=\"x\"", "error=\"x\""}) {
    CHECK_FALSE(bearer_challenge(Fields{{"WWW-Authenticate", value}}).has_value());
  }
}

TEST_CASE("a token that is no longer valid is told by the error of a challenge of any scheme") {
  CHECK(invalid_token(Fields{{"WWW-Authenticate", R"(Bearer error="invalid_token")"}}));
  CHECK(invalid_token(Fields{{"WWW-Authenticate", R"(DPoP realm="x", error=invalid_token)"}}));
  CHECK_FALSE(invalid_token(Fields{{"WWW-Authenticate", R"(Bearer error="insufficient_scope")"}}));
  CHECK_FALSE(invalid_token(Fields{{"WWW-Authenticate", R"(Bearer realm="invalid_token")"}}));
  CHECK_FALSE(invalid_token(Fields{{"X-Error", "invalid_token"}}));
}

TEST_CASE("what a challenge says is printable, and whole until the token is taken out of it") {
  const std::string value =
      "Bearer error=\"a\tb\xc3\xa4\", scope=\"" + std::string(5000, 's') + "\"";
  const auto challenge = bearer_challenge(Fields{{"WWW-Authenticate", value}});
  REQUIRE(challenge.has_value());
  CHECK(challenge->error == "a?b??");
  CHECK(challenge->scope == std::string(5000, 's'));
}

TEST_CASE("a challenge that wants a nonce is none that says a token is dead") {
  const Fields fields{{"WWW-Authenticate",
                       R"(DPoP realm="x", error="use_dpop_nonce", error_description="one more")"}};
  CHECK(wants_dpop_nonce(fields));
  CHECK_FALSE(invalid_token(fields));
  CHECK(bearer_challenge(fields)->error == "use_dpop_nonce");
  CHECK(bearer_challenge(fields)->description == "one more");
  CHECK_FALSE(wants_dpop_nonce(Fields{{"WWW-Authenticate", R"(DPoP error="invalid_token")"}}));
  CHECK_FALSE(wants_dpop_nonce(Fields{{"WWW-Authenticate", R"(DPoP realm="use_dpop_nonce")"}}));
}

TEST_CASE("a nonce is taken where it has a nonce's characters and size, and is the only one") {
  CHECK(dpop_nonce(Fields{{"dpop-nonce", "eyJ7S_zG.eyJH0-Z.HX4w-7v"}}) ==
        "eyJ7S_zG.eyJH0-Z.HX4w-7v");
  CHECK(dpop_nonce(Fields{{"DPoP-Nonce", "!#[]~+/="}}) == "!#[]~+/=");
  const std::string largest(kDpopNonceBytesMax, 'n');
  CHECK(dpop_nonce(Fields{{"DPoP-Nonce", largest}}) == largest);
  for (const std::string& odd :
       {std::string(), largest + "n", std::string("a b"), std::string("a\"b"), std::string("a\\b"),
        std::string("\xc3\xa4"), std::string(100'000, 'n')}) {
    CHECK(dpop_nonce(Fields{{"DPoP-Nonce", odd}}).empty());
  }
  CHECK(dpop_nonce(Fields{{"DPoP-Nonce", "a"}, {"DPoP-Nonce", "a"}}).empty());
  CHECK(dpop_nonce(Fields{{"Nonce", "a"}}).empty());
}
