#include "relay/token_replay.h"

#include <doctest/doctest.h>

#include <chrono>
#include <optional>

using namespace bearer;
using namespace std::chrono_literals;
using base::Errc;
using relay::Action;
using relay::NotReplayable;
using relay::Outcome;
using relay::Reason;
using relay::Situation;
using relay::TokenReplay;

namespace {

constexpr base::Instant kNow{std::chrono::hours(1000)};

Outcome answered(int status) {
  Outcome made;
  made.status = status;
  made.rejected = status == 401;
  return made;
}
Outcome failed(Errc fault) {
  Outcome made;
  made.fault = fault;
  return made;
}

token::Token issued(std::uint64_t generation, base::Instant asked = kNow) {
  return {base::Secret("t"), generation, asked, kNow + 1h};
}

/// After a rejection at kNow, with a newer token that was asked for so long before or since.
TokenReplay replay(base::Duration since) {
  TokenReplay made;
  made.reject(issued(1, kNow - 1h), kNow);
  made.begin(issued(2, kNow + since));
  return made;
}

void check(const relay::Decision& decision, Action action, Reason because) {
  CHECK(decision.action == action);
  CHECK(decision.because == because);
}

}  // namespace

TEST_CASE("a 401 is replayed; one to a token that was asked for since is relayed") {
  check(TokenReplay().judge(answered(401), {}), Action::refresh, Reason::none);
  check(replay(-1ns).judge(answered(401), {}), Action::refresh, Reason::none);
  check(replay(0s).judge(answered(401), {}), Action::relay, Reason::second_401);
}

TEST_CASE("a replay is made twice at most, however old the tokens are") {
  TokenReplay twice = replay(-2s);
  CHECK(twice.end(answered(401)) == std::nullopt);
  twice.reject(issued(2, kNow - 2s), kNow);
  twice.begin(issued(3, kNow - 1s));
  check(twice.judge(answered(401), {}), Action::relay, Reason::second_401);
}

TEST_CASE("a 401 for want of scope is relayed: a new token would have the same") {
  Outcome wanting = answered(401);
  wanting.insufficient_scope = true;
  check(TokenReplay().judge(wanting, {}), Action::relay, Reason::insufficient_scope);
  check(replay(-1s).judge(wanting, {}), Action::relay, Reason::insufficient_scope);
}

TEST_CASE("a 401 to a body that was not kept is relayed, and the reason is told") {
  check(TokenReplay().judge(answered(401), {.unkept = NotReplayable::too_large}), Action::relay,
        Reason::body_not_kept);
  check(TokenReplay().judge(answered(401), {.unkept = NotReplayable::spill_failed}), Action::relay,
        Reason::body_not_saved);
}

TEST_CASE("the replay after a 401 is no retry: neither count, window nor method forbid it") {
  const Situation last{.retries = 99, .idempotent = false, .now = kNow, .window_ends = kNow - 1s};
  check(TokenReplay().judge(answered(401), last), Action::refresh, Reason::none);
}

TEST_CASE("where the former token is rejected too, only the replay with a newer one is final") {
  TokenReplay one;
  CHECK(one.first());
  one.reject(issued(2), kNow);
  one.begin_with_former();
  CHECK_FALSE(one.first());
  check(one.judge(answered(401), {}), Action::refresh, Reason::none);
  CHECK(one.end(answered(401)) == std::nullopt);
  one.reject(issued(1, kNow - 1h), kNow);
  CHECK(one.rejected_generation() == 2);
  one.begin(issued(3));
  check(one.judge(answered(401), {}), Action::relay, Reason::second_401);
}

TEST_CASE("that the former token is taken says nothing of the newest") {
  TokenReplay one;
  one.reject(issued(2), kNow);
  one.begin_with_former();
  CHECK(one.end(answered(200)) == std::nullopt);
  // The next rejection of this request, after a 5xx say, is a first one again.
  CHECK(one.first());
}

TEST_CASE("the credential hears of a replay whose outcome says something of its token") {
  struct Case {
    const char* what;
    base::Duration asked_since;
    Outcome outcome;
    std::optional<bool> accepted;
  };
  const Case cases[] = {
      {"taken", 1s, answered(200), true},
      {"taken, though asked for before", -1s, answered(200), true},
      {"taken, and the request is refused for itself", 1s, answered(404), true},
      {"rejected", 1s, answered(401), false},
      {"rejected, but perhaps revoked with the one before", -1s, answered(401), std::nullopt},
      {"too many requests", 1s, answered(429), std::nullopt},
      {"a fault of the server's", 1s, answered(500), std::nullopt},
      {"no answer", 1s, failed(Errc::connection_lost), std::nullopt},
  };
  for (const Case& c : cases) {
    CAPTURE(c.what);
    TokenReplay one = replay(c.asked_since);
    CHECK(one.end(c.outcome) == c.accepted);
  }
  TokenReplay first;
  CHECK(first.end(answered(200)) == std::nullopt);
  CHECK(first.end(answered(401)) == std::nullopt);
}

TEST_CASE("a token that is revoked while a lost replay is retried has a replay of its own") {
  for (const Outcome& between :
       {answered(503), answered(429), failed(Errc::connection_lost), answered(200)}) {
    TokenReplay again = replay(1s);
    (void)again.end(between);
    check(again.judge(answered(401), {}), Action::refresh, Reason::none);
  }
}

TEST_CASE("a challenge that wants a nonce says nothing of the token, and the replay goes on") {
  Outcome unproven = answered(401);
  unproven.rejected = false;
  unproven.nonce_asked = true;
  TokenReplay under_way = replay(0s);
  CHECK(under_way.end(unproven) == std::nullopt);
  check(under_way.judge(answered(401), {}), Action::relay, Reason::second_401);
  CHECK(under_way.end(answered(200)) == true);
}
