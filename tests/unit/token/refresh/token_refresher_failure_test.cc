// Fetches that fail, credentials that are refused, and tokens that the API refuses.
#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/owned_time.h"
#include "tests/support/scripted_fetcher.h"
#include "tests/unit/token/refresh/refreshing.h"
#include "token/refresh/token_refresher.h"

using namespace bearer;
using namespace std::chrono_literals;
using namespace bearer::test::refreshing;
using token::State;

TEST_CASE("a token that still lives is used while renewals fail") {
  Fixture f;
  f.script.answer({"first", 3600s});
  f.script.fail(kDown);
  f.start();
  f.time.settle();
  const base::Instant expires = f.keeper->state().token->expires;
  f.time.advance(3480s);
  const State state = f.keeper->state();
  CHECK(state.token->value.reveal() == "first");
  CHECK(state.token->expires == expires);
  CHECK(state.health == State::Health::unavailable);
  CHECK(state.reason == "refused: check token_url");
  CHECK(state.next_try == f.time.now() + 1s);
  f.time.advance(1s);
  CHECK(f.script.fetches() == 3);
  CHECK(f.keeper->state().next_try == f.time.now() + 2s);
}

TEST_CASE("a first fetch that fails is tried again until it succeeds") {
  Fixture f;
  f.script.fail(kDown);
  f.script.answer({"first", 3600s});
  f.start();
  f.time.settle();
  CHECK(f.token() == "none");
  f.time.advance(1s);
  CHECK(f.token() == "first");
  CHECK(f.keeper->state().reason.empty());
}

TEST_CASE("a rejected credential is tried again at once when its inputs change") {
  Fixture f;
  f.script.fail(kRejected);
  f.script.answer({"first", 3600s});
  f.start();
  f.time.settle();
  CHECK(f.keeper->state().health == State::Health::rejected);
  f.time.advance(500ms);
  CHECK(f.script.fetches() == 1);
  f.script.change_inputs();
  f.time.advance(499ms);
  CHECK(f.script.fetches() == 1);
  f.time.advance(1ms);
  CHECK(f.token() == "first");
}

TEST_CASE(
    "inputs that something else rotates are fetched anew when they change, while all is well") {
  for (const bool watched : {false, true}) {
    CAPTURE(watched);
    Fixture f;
    if (watched) f.script.watch();
    f.script.answer({"first", 3600s});
    f.script.answer({"second", 3600s});
    f.start();
    f.time.settle();
    CHECK(f.token() == "first");
    f.script.change_inputs();
    f.time.advance(500ms);
    CHECK(f.token() == (watched ? "second" : "first"));
  }
}

TEST_CASE("inputs that change during the fetch that is rejected are seen") {
  Fixture f;
  f.script.fail(kRejected);
  f.script.answer({"first", 3600s});
  f.script.hold();
  f.start();
  f.script.await_fetch(1);
  f.script.change_inputs();
  f.script.release();
  f.time.settle();
  f.time.advance(500ms);
  CHECK(f.token() == "first");
}

TEST_CASE("a rejected credential is tried again at once when kicked") {
  Fixture f;
  f.script.fail(kRejected);
  f.script.answer({"first", 3600s});
  f.start();
  f.time.settle();
  f.keeper->refresh_now();
  f.time.settle();
  CHECK(f.token() == "first");
}

TEST_CASE("401s on a rejected credential are relayed without a fetch") {
  Fixture f;
  f.script.answer({"first", 3600s});
  f.script.fail(kRejected);
  f.start();
  f.time.settle();
  CHECK(f.keeper->reject(1));
  f.time.settle();
  CHECK_FALSE(f.keeper->reject(1));
  f.time.settle();
  CHECK(f.script.fetches() == 2);
}

TEST_CASE("a failed replay holds 401s off and a success ends that, each said once") {
  Fixture f;
  f.script.answer({"token", 3600s});
  f.start();
  f.time.settle();
  CHECK(f.keeper->reject(1));
  f.time.settle();
  f.keeper->replayed(2, false);
  f.keeper->replayed(2, false);
  CHECK_FALSE(f.keeper->reject(2));
  f.time.advance(1s);
  CHECK(f.keeper->reject(2));
  f.time.settle();
  f.keeper->replayed(3, true);
  f.keeper->replayed(3, true);
  CHECK(f.diary.entries == std::vector<std::string>{"fetched 1", "forced 1", "fetched 2",
                                                    "held off", "forced 2", "fetched 3",
                                                    "hold-off ended"});
}
