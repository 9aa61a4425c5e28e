#include "token/refresh/token_refresher.h"

#include <doctest/doctest.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "tests/support/owned_time.h"
#include "tests/support/scripted_fetcher.h"

using namespace bearer;
using namespace std::chrono_literals;
using base::Errc;
using token::State;

namespace {

class NoChance final : public base::Random {
 public:
  double unit() override { return 0; }
};

/// What was observed, in order; read it only while the keeper sleeps.
struct Diary {
  std::vector<std::string> entries;
  std::mutex mutex;
  void note(std::string entry) {
    const std::lock_guard lock(mutex);
    entries.push_back(std::move(entry));
  }
};

class DiaryObserver final : public token::Observer {
 public:
  explicit DiaryObserver(Diary& diary) : diary_(diary) {}
  void fetched(const token::Fetched& token, std::uint64_t generation, base::Duration,
               base::Duration) override {
    CHECK(token.value.empty());  // the value is not an observer's business
    diary_.note("fetched " + std::to_string(generation));
  }
  void failed(const base::Error& failure, base::Duration) override {
    diary_.note("failed " + std::string(base::name(failure.code)));
  }
  void forced(std::uint64_t generation) override {
    diary_.note("forced " + std::to_string(generation));
  }
  void held_off(std::uint64_t, base::Duration) override { diary_.note("held off"); }
  void hold_off_ended() override { diary_.note("hold-off ended"); }

 private:
  Diary& diary_;
};

struct Fixture {
  test::OwnedTime time;
  test::FetchScript script;
  Diary diary;
  std::unique_ptr<token::TokenRefresher> keeper;

  token::TokenRefresher& start() {
    return start(std::make_unique<test::ScriptedFetcher>(script, time));
  }
  token::TokenRefresher& start(std::unique_ptr<token::Fetcher> fetcher) {
    keeper = std::make_unique<token::TokenRefresher>(
        120s, time,
        token::TokenRefresher::Parts{.fetcher = std::move(fetcher),
                                     .waiting = time.waiting(),
                                     .random = std::make_unique<NoChance>(),
                                     .observer = std::make_unique<DiaryObserver>(diary),
                                     .origin = "https://login.example.com"});
    return *keeper;
  }
  std::string token() const {
    const State state = keeper->state();
    return state.token ? std::string(state.token->value.reveal()) : "none";
  }
};

void at_once(int threads, const std::function<void()>& work) {
  std::atomic<bool> go = false;
  std::vector<std::thread> all;
  for (int i = 0; i < threads; ++i) {
    all.emplace_back([&] {
      go.wait(false);
      work();
    });
  }
  go = true;
  go.notify_all();
  for (std::thread& thread : all) thread.join();
}

const base::Error kDown{Errc::token_unreachable, "refused", "check token_url"};
const base::Error kRejected{Errc::token_rejected, "invalid_client", "check client_id"};

}  // namespace

TEST_CASE("a keeper fetches at start and renews ahead of expiry") {
  Fixture f;
  f.script.answer({"first", 3600s});
  f.script.answer({"second", 3600s});
  f.start();
  f.time.settle();
  CHECK(f.token() == "first");
  CHECK(f.keeper->state().health == State::Health::good);
  CHECK(f.keeper->state().token->generation == 1);
  CHECK(f.keeper->state().token->expires == f.time.now() + 3600s);
  f.time.advance(3480s - 1ms);
  CHECK(f.token() == "first");
  f.time.advance(1ms);
  CHECK(f.token() == "second");
  CHECK(f.keeper->state().token->generation == 2);
  CHECK(f.script.fetches() == 2);
}

TEST_CASE("while a first fetch hangs, the state says who was asked and how long ago") {
  Fixture f;
  f.script.answer({"first", 3600s});
  f.script.answer({"second", 3600s});
  f.script.hold();
  f.start();
  f.script.await_fetch(1);
  f.time.move_on(12s);
  const std::string hangs = "https://login.example.com was asked for a token 12 s ago and has not";
  CHECK(f.keeper->state().health == State::Health::starting);
  CHECK(f.keeper->state().reason.starts_with(hangs));
  CHECK(f.keeper->state().next_try == base::kNever);
  f.script.release();
  f.time.settle();
  CHECK(f.keeper->state().reason == "");
  // And while a later one does, past the end of the token.
  f.script.hold();
  f.time.move_on(3480s);
  f.script.await_fetch(2);
  f.time.move_on(12s);
  CHECK(f.keeper->state().health == State::Health::good);
  CHECK(f.keeper->state().reason.starts_with(hangs));
  f.script.release();
}

TEST_CASE("while another process fetches, the state says so, and blames no token endpoint") {
  Fixture f;
  f.script.answer({"first", 3600s});
  f.script.hold();
  f.script.wait_for_another(true);
  f.start();
  f.script.await_fetch(1);
  f.time.move_on(12s);
  CHECK(f.keeper->state().reason ==
        "a token was wanted 12 s ago, and another process that shares the token store or "
        "the refresh token fetches it; "
        "if that one has died, this one does so instead after a while");
  f.script.wait_for_another(false);
  CHECK(f.keeper->state().reason.starts_with("https://login.example.com was asked for a token"));
  f.script.release();
}

TEST_CASE("a token says where its answer led") {
  Fixture f;
  f.script.answer({"first", 3600s, {{"instance_url", "https://na1.salesforce.com"}}});
  f.start();
  f.time.settle();
  CHECK(f.keeper->state().token->attributes.at("instance_url") == "https://na1.salesforce.com");
}

TEST_CASE("a sleep that a condition variable would not see is noticed within 5 s") {
  Fixture f;
  f.script.answer({"first", 3600s});
  f.start();
  f.time.settle();
  CHECK(f.time.sleeps_until() == f.time.now() + 5s);
}

TEST_CASE("200 subscribers who wait for the first token share one fetch") {
  Fixture f;
  f.script.answer({"first", 3600s});
  f.script.hold();
  f.start();
  f.script.await_fetch(1);
  std::atomic<int> told = 0;
  std::vector<std::unique_ptr<token::Subscription>> subscriptions;
  for (int i = 0; i < 200; ++i) subscriptions.push_back(f.keeper->subscribe([&] { ++told; }));
  at_once(200, [&] { CHECK(f.keeper->reject(0)); });
  f.script.release();
  f.time.settle();
  CHECK(told == 200);
  CHECK(f.script.fetches() == 1);
}

TEST_CASE("200 concurrent 401s cause one fetch") {
  Fixture f;
  f.script.answer({"first", 3600s});
  f.script.answer({"second", 3600s});
  f.start();
  f.time.settle();
  f.script.hold();
  at_once(200, [&] { CHECK(f.keeper->reject(1)); });
  f.script.await_fetch(2);
  at_once(200, [&] { CHECK(f.keeper->reject(1)); });
  f.script.release();
  f.time.settle();
  CHECK(f.keeper->reject(1));  // late: a newer one is there
  f.time.settle();
  CHECK(f.token() == "second");
  CHECK(f.script.fetches() == 2);
  CHECK(f.diary.entries == std::vector<std::string>{"fetched 1", "forced 1", "fetched 2"});
}

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

TEST_CASE("a fetch for which the machine has no room left has failed like another") {
  struct Fetcher final : test::ScriptedFetcher {
    using ScriptedFetcher::ScriptedFetcher;
    base::Result<token::Fetched> fetch() override {
      if (std::exchange(full, false)) throw std::system_error(EMFILE, std::generic_category());
      return ScriptedFetcher::fetch();
    }
    bool full = true;
  };
  Fixture f;
  f.script.answer({"first", 3600s});
  f.start(std::make_unique<Fetcher>(f.script, f.time));
  f.time.settle();
  CHECK(f.keeper->state().reason.find("Too many open files") != std::string::npos);
  f.time.advance(1s);
  CHECK(f.token() == "first");
}

TEST_CASE("a rejected credential is tried again at once when its inputs change") {
  Fixture f;
  f.script.fail(kRejected);
  f.script.answer({"first", 3600s});
  f.start();
  f.time.settle();
  CHECK(f.keeper->state().health == State::Health::rejected);
  CHECK(f.time.sleeps_until() == f.time.now() + 500ms);
  f.time.advance(500ms);
  CHECK(f.script.fetches() == 1);
  f.script.change_inputs();
  f.time.advance(500ms);
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

TEST_CASE("a keeper ends at once while a fetch is under way, and calls that no failure") {
  Fixture f;
  f.script.answer({"first", 3600s});
  f.script.hold();
  f.start();
  f.script.await_fetch(1);
  f.keeper.reset();
  CHECK(f.script.cancelled());
  CHECK(f.diary.entries.empty());
}

TEST_CASE("subscribers are told of every change until they leave") {
  Fixture f;
  f.script.fail(kDown);
  f.script.answer({"first", 3600s});
  f.script.hold();
  f.start();
  f.script.await_fetch(1);
  std::vector<std::string> seen;
  auto subscription = f.keeper->subscribe([&] { seen.push_back(f.token()); });
  f.script.release();
  f.time.settle();
  f.time.advance(1s);
  CHECK(seen == std::vector<std::string>{"none", "first"});
  subscription.reset();
  f.keeper->refresh_now();
  f.time.settle();
  CHECK(f.script.fetches() == 3);
  CHECK(seen.size() == 2);
}

TEST_CASE("the token before is told beside the newest, unless the upstream refused it") {
  for (const bool refused : {false, true}) {
    Fixture f;
    f.script.answer({"first", 3600s});
    f.script.answer({"second", 3600s});
    f.start();
    f.time.settle();
    CHECK(f.keeper->state().former == nullptr);
    if (refused) {
      CHECK(f.keeper->reject(1));
      f.time.settle();
    } else {
      f.time.advance(3480s);
    }
    REQUIRE(f.token() == "second");
    const token::TokenPtr former = f.keeper->state().former;
    CHECK((former == nullptr) == refused);
    if (former) CHECK(former->value.reveal() == "first");
    CHECK(f.keeper->reject(1));  // late, for the former one
    CHECK(f.keeper->state().former == nullptr);
  }
}
