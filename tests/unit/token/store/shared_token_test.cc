#include "token/store/shared_token.h"

#include <doctest/doctest.h>

#include <chrono>
#include <string>

#include "tests/support/owned_clock.h"

using namespace bearer;
using namespace std::chrono_literals;
using token::SharedToken;

namespace {

SharedToken published(base::Instant now) {
  return {"p1",
          {.value = base::Secret(std::string("tok")),
           .sent = now,
           .expires = now + 60s,
           .scope = "read"}};
}

}  // namespace

TEST_CASE("a shared token is read as it was written") {
  const test::OwnedClock clock;
  SharedToken shared = published(clock.now());
  shared.token.attributes = {{"instance_url", "https://na1.example.com"}};
  shared.token.renewable_until = shared.token.sent + 45s;
  const auto read = token::from_text({token::to_text(shared), 40s}, clock.now());
  REQUIRE(read);
  CHECK(read->publication == "p1");
  CHECK(read->token.value.reveal() == "tok");
  CHECK(read->token.expires == clock.now() + 40s);
  CHECK(read->token.lifetime() == 60s);
  CHECK(read->token.scope == "read");
  CHECK(read->token.attributes == shared.token.attributes);
  CHECK(read->token.renewable_until == read->token.sent + 45s);
}

TEST_CASE("a shared token without a refresh token that ends is renewable for ever") {
  const test::OwnedClock clock;
  const auto read = token::from_text({token::to_text(published(clock.now())), 40s}, clock.now());
  REQUIRE(read);
  CHECK(read->token.renewable_until == base::kNever);
}

TEST_CASE("words beside a shared token that are not UTF-8 harm neither it nor the process") {
  const test::OwnedClock clock;
  SharedToken shared = published(clock.now());
  shared.token.scope =
      "re\xe4"
      "d\xff";
  shared.token.attributes = {{"n\xc3", "v\x80"}};
  const auto read = token::from_text({token::to_text(shared), 40s}, clock.now());
  REQUIRE(read);
  CHECK(read->token.value.reveal() == "tok");
  CHECK(read->token.scope == "re???d???");  // U+FFFD, shown as printable() shows it
}

TEST_CASE("a text that is no shared token of this version is none") {
  const test::OwnedClock clock;
  const std::string whole(token::to_text(published(clock.now())).reveal());
  const auto none = [&](std::string text) {
    return !token::from_text({base::Secret(std::move(text)), 40s}, clock.now());
  };
  CHECK_FALSE(none(whole));
  CHECK(none(""));
  CHECK(none("[1]"));
  CHECK(none(whole.substr(0, whole.size() - 1)));
  CHECK(none(whole + "\xff"));
  CHECK(none(R"({"version":2,"publication":"p1","access_token":"tok","lifetime_ms":60000})"));
  CHECK(none(R"({"version":1,"publication":"","access_token":"tok","lifetime_ms":60000})"));
  CHECK(none(R"({"version":1,"publication":"p1","access_token":"t k","lifetime_ms":60000})"));
}
