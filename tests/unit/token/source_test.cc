#include "token/source.h"

#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <utility>

using namespace bearer;
using namespace std::chrono_literals;

TEST_CASE("a token is valid until the moment at which it expires") {
  token::State state;
  const base::Instant now{1h};
  CHECK_FALSE(state.valid(now));
  token::Token token;
  token.expires = now + 1s;
  state.token = std::make_shared<const token::Token>(std::move(token));
  CHECK(state.valid(now));
  CHECK_FALSE(state.valid(now + 1s));
}
