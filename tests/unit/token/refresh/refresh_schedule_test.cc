#include "token/refresh/refresh_schedule.h"

#include <doctest/doctest.h>

#include <chrono>
#include <optional>

using namespace bearer;
using namespace std::chrono_literals;
using base::Errc;
using token::RefreshSchedule;
using token::State;
using AfterReject = token::RefreshSchedule::AfterReject;

namespace {

constexpr base::Instant kStart{1000s};

/// A plan with a clock beside it.
struct Script {
  RefreshSchedule plan{120s};
  base::Instant now = kStart;

  void fetch(base::Duration lifetime = 3600s, double chance = 0) {
    plan.begin();
    plan.fetched(now, now, now + lifetime, chance);
  }
  void fail(Errc code, std::optional<base::Duration> retry_after = {}, double chance = 0) {
    plan.begin();
    plan.failed(now, {code, "", "", retry_after}, chance);
  }
  base::Duration due_in() const { return plan.due() - now; }
  /// The 401 of a request with that token, whose fetch and replay follow. What the hold-off was.
  base::Duration fail_replay() {
    REQUIRE(plan.reject(now, plan.generation()) == AfterReject::fetch_begins);
    fetch();
    return plan.replayed(now, plan.generation(), false).began;
  }
};

}  // namespace

TEST_CASE("the first fetch is due at once, and none while one is under way") {
  Script script;
  CHECK(script.plan.due() <= script.now);
  CHECK(script.plan.health() == State::Health::starting);
  script.plan.begin();
  CHECK(script.plan.due() == base::kNever);
}

TEST_CASE("a renewal is due ahead of the token's end") {
  Script script;
  script.fetch(3600s, 0.5);
  CHECK(script.due_in() == 3474s);
  CHECK(script.plan.generation() == 1);
  script.fetch(3s);
  CHECK(script.due_in() == 1500ms);
  CHECK(script.plan.generation() == 2);
}

TEST_CASE("tokens that live for an instant are not fetched in a spin") {
  Script script;
  script.fetch(1ms);
  CHECK(script.due_in() == token::kFetchGapMin);
}

TEST_CASE("transient faults are tried again after 1 s doubling to 20 s, with jitter on top") {
  for (const Errc code : {Errc::token_unreachable, Errc::token_server_error,
                          Errc::token_rate_limited, Errc::token_malformed, Errc::file_unreadable}) {
    CAPTURE(base::name(code));
    Script script;
    for (const auto wait : {1s, 2s, 4s, 8s, 16s, 20s, 20s}) {
      script.fail(code);
      CHECK(script.due_in() == wait);
      CHECK(script.plan.health() == State::Health::unavailable);
    }
    script.fail(code, {}, 0.5);
    CHECK(script.due_in() == 25s);
    script.fetch();
    script.fail(code);
    CHECK(script.due_in() == 1s);
  }
}

TEST_CASE("a Retry-After of a fault counts for half a minute at most") {
  for (const Errc code : {Errc::token_server_error, Errc::token_malformed}) {
    Script script;
    script.fail(code, 3600s);
    CHECK(script.due_in() == 30s);
    script.fail(code, 5s);
    CHECK(script.due_in() == 5s);
  }
}

TEST_CASE("a Retry-After of a quota is the least wait, also beyond the cap") {
  Script script;
  script.fail(Errc::token_rate_limited, 300s);
  CHECK(script.due_in() == 300s);
  script.fail(Errc::token_rate_limited, 1s);
  CHECK(script.due_in() == 2s);
  script.fail(Errc::token_rate_limited, 10s, 0.5);
  CHECK(script.due_in() == 11s);
}

TEST_CASE("no Retry-After takes the credential out of use for more than an hour") {
  for (const base::Duration asked :
       {base::Duration(3600s), base::Duration(24h), base::Duration::max()}) {
    Script script;
    script.fail(Errc::token_rate_limited, asked);
    CHECK(script.due_in() == 3600s);
  }
}

TEST_CASE("a rejection is tried again after 5 s doubling to 60 s") {
  Script script;
  for (const auto wait : {5s, 10s, 20s, 40s, 60s, 60s}) {
    script.fail(Errc::token_rejected, {}, 0.9);
    CHECK(script.due_in() == wait);
    CHECK(script.plan.health() == State::Health::rejected);
  }
  script.fail(Errc::token_unreachable);
  CHECK(script.due_in() == 1s);  // another class begins from its own start
  script.fail(Errc::token_rejected);
  CHECK(script.due_in() == 5s);
}

TEST_CASE("a client that is not allowed yet is a rejection that may pass") {
  Script script;
  for (const auto wait : {5s, 10s}) {
    script.fail(Errc::token_unauthorized, {}, 0.9);
    CHECK(script.due_in() == wait);
    CHECK(script.plan.health() == State::Health::rejected);
    CHECK(script.plan.may_pass());
    CHECK(script.plan.watches_inputs());
  }
  script.fail(Errc::token_rejected);
  CHECK(script.due_in() == 20s);  // the same waits go on
  CHECK_FALSE(script.plan.may_pass());
}

TEST_CASE("the inputs are watched where a change of them may be the mend") {
  Script script;
  CHECK_FALSE(script.plan.watches_inputs());
  script.fail(Errc::token_rejected);
  CHECK(script.plan.watches_inputs());
  script.fail(Errc::token_unreachable);
  CHECK_FALSE(script.plan.watches_inputs());
  script.fail(Errc::file_unreadable);
  CHECK(script.plan.watches_inputs());
  script.fetch();
  CHECK_FALSE(script.plan.watches_inputs());
}

TEST_CASE("an order makes a fetch due at once, whatever was planned") {
  Script script;
  script.fetch();
  script.plan.refresh_now(script.now);
  CHECK(script.due_in() == 0s);
  script.fail(Errc::token_rejected);
  script.now += token::kOrderGapMin;
  script.plan.refresh_now(script.now);
  CHECK(script.due_in() == 0s);
  script.fail(Errc::token_rate_limited, 3600s);
  script.now += 5s;
  script.plan.refresh_now(script.now);
  CHECK(script.due_in() == 0s);
}

TEST_CASE("an order while a fetch is under way is remembered if that fetch fails") {
  Script script;
  script.plan.begin();
  script.plan.refresh_now(script.now);
  script.plan.failed(script.now, {Errc::token_rejected, "", "", {}}, 0);
  CHECK(script.due_in() == 0s);
  script.fail(Errc::token_rejected);
  CHECK(script.due_in() == 10s);
}

TEST_CASE("however many orders come, there is a fetch each 3 s at most, and none after the last") {
  Script script;
  script.fetch();
  int fetches = 0;
  for (int i = 0; i < 1000; ++i, script.now += 10ms) {
    script.plan.refresh_now(script.now);
    if (script.due_in() > 0s) continue;
    script.fetch();
    ++fetches;
  }
  CHECK(fetches == 4);             // after 0, 3, 6 and 9 s
  CHECK(script.due_in() > 3400s);  // those that came since were answered by the last one
  script.now += 2s;
  script.plan.refresh_now(script.now);
  CHECK(script.due_in() == 0s);
}

TEST_CASE("orders while every fetch fails do not make it spin") {
  Script script;
  script.plan.begin();
  script.plan.refresh_now(script.now);
  script.plan.failed(script.now, {Errc::token_unreachable, "", "", {}}, 0);
  CHECK(script.due_in() == 0s);
  script.plan.begin();
  script.plan.refresh_now(script.now);
  script.plan.failed(script.now, {Errc::token_rejected, "", "", {}}, 0);
  CHECK(script.due_in() == 5s);  // by the plan after a rejection
}

TEST_CASE("a second order is answered by the first one's fetch, under way or over") {
  for (const bool over : {false, true}) {
    CAPTURE(over);
    Script script;
    script.fetch();
    script.now += 100s;
    script.plan.refresh_now(script.now);
    CHECK(script.due_in() == 0s);
    script.plan.begin();
    if (over) script.plan.fetched(script.now, script.now, script.now + 600s, 0);
    script.now += token::kOrderGapMin - 1ms;
    script.plan.refresh_now(script.now);
    if (!over) script.plan.fetched(script.now, script.now, script.now + 600s, 0);
    CHECK(script.due_in() > 400s);
    script.now += 1ms;
    script.plan.refresh_now(script.now);
    CHECK(script.due_in() == 0s);
  }
}

TEST_CASE("an order counts also just after a fetch of another cause") {
  Script script;
  script.fetch();
  REQUIRE(script.plan.reject(script.now, 1) == AfterReject::fetch_begins);
  script.fetch();
  script.plan.refresh_now(script.now);
  CHECK(script.due_in() == 0s);
}

TEST_CASE("inputs that change are looked at at once, also just after an order") {
  Script script;
  script.fetch();
  script.plan.refresh_now(script.now);
  script.fail(Errc::token_rejected);
  script.plan.inputs_changed(script.now);
  CHECK(script.due_in() == 0s);
}

TEST_CASE("a 401 forces one fetch, whoever reports it") {
  Script script;
  script.fetch();
  CHECK(script.plan.reject(script.now, 1) == AfterReject::fetch_begins);
  CHECK(script.due_in() == 0s);
  CHECK(script.plan.reject(script.now, 1) == AfterReject::fetch_under_way);
  script.plan.begin();
  CHECK(script.plan.reject(script.now, 1) == AfterReject::fetch_under_way);
  script.plan.fetched(script.now, script.now, script.now + 3600s, 0);
  CHECK(script.plan.reject(script.now, 1) == AfterReject::newer_is_there);
  CHECK(script.due_in() == 3480s);
}

TEST_CASE("a 401 does not shorten the backoff of a failing endpoint") {
  Script script;
  script.fetch();
  script.fail(Errc::token_rate_limited, 20s);
  CHECK(script.plan.reject(script.now, 1) == AfterReject::fetch_under_way);
  CHECK(script.due_in() == 20s);
  script.fail(Errc::token_rejected);
  CHECK(script.plan.reject(script.now, 1) == AfterReject::nothing_newer);
  CHECK(script.due_in() == 5s);
}

TEST_CASE("failed replays hold 401s off for 1 s doubling to 60 s, until one succeeds") {
  Script script;
  script.fetch();
  for (const auto hold_off : {1s, 2s, 4s, 8s, 16s, 32s, 60s, 60s}) {
    CHECK(script.fail_replay() == hold_off);
    const auto generation = script.plan.generation();
    script.now += hold_off - 1ms;
    CHECK(script.plan.reject(script.now, generation) == AfterReject::nothing_newer);
    script.now += 1ms;
  }
  REQUIRE(script.plan.reject(script.now, script.plan.generation()) == AfterReject::fetch_begins);
  script.fetch();
  CHECK(script.plan.replayed(script.now, script.plan.generation(), true).ended);
  CHECK_FALSE(script.plan.replayed(script.now, script.plan.generation(), true).ended);
  CHECK(script.fail_replay() == 1s);
}

TEST_CASE("a failed replay long after the last hold-off begins at 1 s again") {
  Script script;
  script.fetch();
  for (const auto hold_off : {1s, 2s, 4s}) {
    CHECK(script.fail_replay() == hold_off);
    script.now += 2 * hold_off;
  }
  script.now += 1ns;
  CHECK(script.fail_replay() == 1s);
}

TEST_CASE("many failed replays of one token count once") {
  Script script;
  script.fetch();
  CHECK(script.fail_replay() == 1s);
  for (int i = 0; i < 200; ++i) {
    CHECK(script.plan.replayed(script.now, script.plan.generation(), false).began == 0s);
  }
  script.now += 1s;
  CHECK(script.fail_replay() == 2s);
}

TEST_CASE("a failed replay holds off, even where others have forced the next fetch by then") {
  SUBCASE("it has not begun: its token is held off too, and its failure is no further one") {
    Script script;
    script.fetch();
    REQUIRE(script.plan.reject(script.now, 1) == AfterReject::fetch_begins);
    script.fetch();
    REQUIRE(script.plan.reject(script.now, 2) == AfterReject::fetch_begins);
    CHECK(script.plan.replayed(script.now, 2, false).began == 1s);
    script.fetch();
    CHECK(script.plan.reject(script.now, 3) == AfterReject::nothing_newer);
    CHECK(script.plan.replayed(script.now, 3, false).began == 0s);
  }
  SUBCASE("it is under way: its token is held off too") {
    Script script;
    script.fetch();
    REQUIRE(script.plan.reject(script.now, 1) == AfterReject::fetch_begins);
    script.fetch();
    REQUIRE(script.plan.reject(script.now, 2) ==
            AfterReject::fetch_begins);  // somebody's first attempt
    script.plan.begin();
    CHECK(script.plan.replayed(script.now, 2, false).began == 1s);
    script.plan.fetched(script.now, script.now, script.now + 3600s, 0);
    CHECK(script.plan.reject(script.now, 3) == AfterReject::nothing_newer);
  }
  SUBCASE("it has ended: its token is held off") {
    Script script;
    script.fetch();
    script.fetch();
    CHECK(script.plan.replayed(script.now, 1, false).began == 1s);
    CHECK(script.plan.reject(script.now, 2) == AfterReject::nothing_newer);
  }
}

TEST_CASE("a token with which a replay was accepted is renewed when it dies, without a hold-off") {
  Script script;
  script.fetch();
  REQUIRE(script.plan.reject(script.now, 1) == AfterReject::fetch_begins);
  script.fetch();
  CHECK_FALSE(script.plan.replayed(script.now, 2, true).ended);
  CHECK(script.plan.replayed(script.now, 2, false).began == 0s);
  REQUIRE(script.plan.reject(script.now, 2) == AfterReject::fetch_begins);
  script.fetch();
  CHECK(script.plan.replayed(script.now, 3, false).began == 1s);
}

TEST_CASE("a token that a renewal brought is not held off") {
  Script script;
  script.fetch();
  CHECK(script.fail_replay() == 1s);
  script.fetch();
  CHECK(script.plan.reject(script.now, script.plan.generation()) == AfterReject::fetch_begins);
}
