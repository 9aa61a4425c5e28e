// Fetches that fail, credentials and tokens that are rejected.
#include <doctest/doctest.h>
#include <unistd.h>

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/captured.h"
#include "tests/support/owned_time.h"
#include "tests/support/said.h"
#include "tests/support/scripted_fetcher.h"
#include "tests/unit/token/refresh/refreshing.h"
#include "token/refresh/token_refresher.h"

using namespace bearer;
using namespace std::chrono_literals;
using namespace bearer::test::refreshing;
using token::State;

namespace {

/// A fetcher with a bug: its first fetch throws, after it has waited.
class Buggy final : public test::ScriptedFetcher {
 public:
  Buggy(test::FetchScript& script, net::Loop& loop, int& closed)
      : ScriptedFetcher(script, loop), closed_(closed) {}

  net::Task<base::Result<token::Fetched>> fetch() override {
    base::Result<token::Fetched> fetched = co_await ScriptedFetcher::fetch();
    if (std::exchange(buggy_, false)) static_cast<void>(std::string().at(3));
    co_return fetched;
  }
  net::Task<void> close() override {
    ++closed_;
    co_return;
  }

 private:
  int& closed_;
  bool buggy_ = true;
};

struct Muddle : std::logic_error {
  Muddle() : logic_error("muddled") {}
};

class BuggyObserver final : public token::Observer {
 public:
  void fetched(const token::Fetched&, std::uint64_t, base::Duration, base::Duration) override {
    throw Muddle();
  }
  void failed(const base::Error&, base::Duration) override { throw Muddle(); }
  void forced(std::uint64_t) override { throw Muddle(); }
  void held_off(std::uint64_t, base::Duration) override { throw Muddle(); }
  void hold_off_ended() override { throw Muddle(); }
};

}  // namespace

TEST_CASE("a bug in a fetch fails that fetch, is told, and leaves the loop and the next one be") {
  test::OwnedTime time;
  test::FetchScript script, other_script;
  Diary diary, other_diary;
  int closed = 0;
  script.answer({"mended", 3600s});
  other_script.answer({"other", 3600s});
  const auto refresher =
      refresher_of(std::make_unique<Buggy>(script, time.loop(), closed), time, diary);
  const auto other = refresher_of(other_script, time, other_diary);
  time.settle();
  CHECK(other->state().token->value.reveal() == "other");
  const State state = refresher->state();
  CHECK(state.token == nullptr);
  CHECK(state.health == State::Health::unavailable);
  CHECK(
      state.reason.starts_with("the token could not be fetched because of a bug in this program"));
  CHECK(state.reason.ends_with(": report it together with this line"));
  CHECK(closed == 1);
  CHECK(diary.entries == std::vector<std::string>{"failed internal_fault"});
  time.advance(1s);
  CHECK(refresher->state().token->value.reveal() == "mended");
  CHECK(refresher->state().reason.empty());
}

TEST_CASE("an observer that throws at every event ends neither the fetches nor the caller") {
  test::OwnedTime time;
  test::FetchScript script;
  script.answer({"first", 3600s});
  script.fail(kDown);
  script.answer({"second", 3600s});
  token::TokenRefresher refresher(
      120s, time.loop(),
      {.fetcher = std::make_unique<test::ScriptedFetcher>(script, time.loop()),
       .random = std::make_unique<NoChance>(),
       .observer = std::make_unique<BuggyObserver>()});
  int told = 0;
  const auto subscription = refresher.subscribe([&] { ++told; });
  const std::string log = test::captured(STDERR_FILENO, [&] {
    time.settle();
    CHECK(refresher.state().token->value.reveal() == "first");
    CHECK(refresher.reject(1));
    time.settle();
    CHECK(refresher.state().health == State::Health::unavailable);
    time.advance(1s);
    CHECK(refresher.state().token->value.reveal() == "second");
    refresher.replayed(2, false);
    refresher.replayed(2, true);
  });
  CHECK(told == 3);
  CHECK(test::says(log, "an observer could not be told of a credential's event because of a bug"));
  CHECK(test::says(log, "Muddle"));
}

TEST_CASE("a token that still lives is used while renewals fail") {
  Fixture f;
  f.script.answer({"first", 3600s});
  f.script.fail(kDown);
  f.start();
  f.time.settle();
  const base::Instant expires = f.refresher->state().token->expires;
  f.time.advance(3480s);
  const State state = f.refresher->state();
  CHECK(state.token->value.reveal() == "first");
  CHECK(state.token->expires == expires);
  CHECK(state.health == State::Health::unavailable);
  CHECK(state.reason == "refused: check token_url");
  CHECK(state.next_try == f.time.now() + 1s);
  f.time.advance(1s);
  CHECK(f.script.fetches() == 3);
  CHECK(f.refresher->state().next_try == f.time.now() + 2s);
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
  CHECK(f.refresher->state().reason.empty());
}

TEST_CASE("a rejected credential is tried again at once when its inputs change") {
  Fixture f;
  f.script.fail(kRejected);
  f.script.answer({"first", 3600s});
  f.start();
  f.time.settle();
  CHECK(f.refresher->state().health == State::Health::rejected);
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
  f.refresher->refresh_now();
  f.time.settle();
  CHECK(f.token() == "first");
}

TEST_CASE("401s on a rejected credential are relayed without a fetch") {
  Fixture f;
  f.script.answer({"first", 3600s});
  f.script.fail(kRejected);
  f.start();
  f.time.settle();
  CHECK(f.refresher->reject(1));
  f.time.settle();
  CHECK_FALSE(f.refresher->reject(1));
  f.time.settle();
  CHECK(f.script.fetches() == 2);
}

TEST_CASE("a failed replay holds 401s off and a success ends that, each said once") {
  Fixture f;
  f.script.answer({"token", 3600s});
  f.start();
  f.time.settle();
  CHECK(f.refresher->reject(1));
  f.time.settle();
  f.refresher->replayed(2, false);
  f.refresher->replayed(2, false);
  CHECK_FALSE(f.refresher->reject(2));
  f.time.advance(1s);
  CHECK(f.refresher->reject(2));
  f.time.settle();
  f.refresher->replayed(3, true);
  f.refresher->replayed(3, true);
  CHECK(f.diary.entries == std::vector<std::string>{"fetched 1", "forced 1", "fetched 2",
                                                    "held off", "forced 2", "fetched 3",
                                                    "hold-off ended"});
}
