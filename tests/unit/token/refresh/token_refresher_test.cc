#include "token/refresh/token_refresher.h"

#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <iterator>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/owned_time.h"
#include "tests/support/scripted_fetcher.h"
#include "tests/unit/token/refresh/refreshing.h"

using namespace bearer;
using namespace std::chrono_literals;
using namespace bearer::test::refreshing;
using token::State;

namespace {

std::ptrdiff_t threads_of_process() {
  const std::filesystem::directory_iterator threads("/proc/self/task");
  return std::distance(begin(threads), end(threads));
}

/// A fetcher whose fetches spend a refresh token. Notes in `closed`, if any, that it was closed.
class Spending final : public test::ScriptedFetcher {
 public:
  Spending(test::FetchScript& script, net::Loop& loop, std::atomic<bool>* closed = nullptr)
      : ScriptedFetcher(script, loop), closed_(closed) {}
  bool spending() const override { return true; }
  net::Task<void> close() override {
    if (closed_) *closed_ = true;
    co_return;
  }

 private:
  std::atomic<bool>* const closed_;
};

}  // namespace

namespace {

/// Tokens of an hour whose refresh token ends after a while.
class Renewable final : public test::ScriptedFetcher {
 public:
  Renewable(test::FetchScript& script, net::Loop& loop, base::Duration refreshable)
      : ScriptedFetcher(script, loop), refreshable_(refreshable) {}
  net::Task<base::Result<token::Fetched>> fetch() override {
    base::Result<token::Fetched> fetched = co_await ScriptedFetcher::fetch();
    if (fetched) fetched->renewable_until = fetched->sent + refreshable_;
    co_return fetched;
  }

 private:
  const base::Duration refreshable_;
};

/// A fetcher with something to save.
class Unsaved final : public test::ScriptedFetcher {
 public:
  Unsaved(test::FetchScript& script, net::Loop& loop, std::atomic<int>& saves, int wanted)
      : ScriptedFetcher(script, loop), saves_(saves), wanted_(wanted) {}
  bool unsaved() const override { return saves_ < wanted_; }
  net::Task<void> save() override {
    ++saves_;
    co_return;
  }

 private:
  std::atomic<int>& saves_;
  const int wanted_;
};

}  // namespace

TEST_CASE("a token is renewed ahead of its own end or its refresh token's, whichever comes first") {
  struct Case {
    base::Duration refreshable, renewed_after;
  };
  for (const auto& [refreshable, renewed_after] : {Case{600s, 480s}, Case{24h, 3480s}}) {
    CAPTURE(refreshable / 1s);
    Fixture f;
    f.script.answer({"first", 3600s});
    f.script.answer({"second", 3600s});
    f.start(std::make_unique<Renewable>(f.script, f.time.loop(), refreshable));
    f.time.settle();
    f.time.advance(renewed_after - 1ms);
    CHECK(f.token() == "first");
    f.time.advance(1ms);
    CHECK(f.token() == "second");
    CHECK(f.refresher->state().token->expires == f.time.now() + 3600s);
  }
}

TEST_CASE("what a fetch could not save is tried again every few seconds, until it is saved") {
  Fixture f;
  std::atomic<int> saves = 0;
  f.script.answer({"first", 3600s});
  f.start(std::make_unique<Unsaved>(f.script, f.time.loop(), saves, 3));
  f.time.settle();
  CHECK(saves == 0);
  for (int tries = 1; tries <= 3; ++tries) {
    f.time.advance(5s);
    CHECK(saves == tries);
  }
  f.time.advance(60s);
  CHECK(saves == 3);
  CHECK(f.script.fetches() == 1);
}

TEST_CASE("a refresher fetches at start and renews ahead of expiry") {
  Fixture f;
  f.script.answer({"first", 3600s});
  f.script.answer({"second", 3600s});
  f.start();
  f.time.settle();
  CHECK(f.token() == "first");
  CHECK(f.refresher->state().health == State::Health::good);
  CHECK(f.refresher->state().token->generation == 1);
  CHECK(f.refresher->state().token->expires == f.time.now() + 3600s);
  f.time.advance(3480s - 1ms);
  CHECK(f.token() == "first");
  f.time.advance(1ms);
  CHECK(f.token() == "second");
  CHECK(f.refresher->state().token->generation == 2);
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
  CHECK(f.refresher->state().health == State::Health::starting);
  CHECK(f.refresher->state().reason.starts_with(hangs));
  CHECK(f.refresher->state().next_try == base::kNever);
  f.script.release();
  f.time.settle();
  CHECK(f.refresher->state().reason == "");
  // And while a later one does, past the end of the token.
  f.script.hold();
  f.time.advance(3480s);
  f.script.await_fetch(2);
  f.time.move_on(12s);
  CHECK(f.refresher->state().health == State::Health::good);
  CHECK(f.refresher->state().reason.starts_with(hangs));
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
  CHECK(f.refresher->state().reason ==
        "a token was wanted 12 s ago, and another process that shares the token store or "
        "the refresh token fetches it; "
        "if that one has died, this one does so instead after a while");
  f.script.wait_for_another(false);
  CHECK(f.refresher->state().reason.starts_with("https://login.example.com was asked for a token"));
  f.script.release();
}

TEST_CASE("while a fetch is queued, the state says so, and blames no token endpoint") {
  class Queued final : public test::ScriptedFetcher {
   public:
    using ScriptedFetcher::ScriptedFetcher;
    std::string waits_for_turn() const override { return "7 at a time are sent there"; }
  };
  Fixture f;
  f.script.answer({"first", 3600s});
  f.script.hold();
  f.script.wait_for_another(true);  // it did, before it queued
  f.start(std::make_unique<Queued>(f.script, f.time.loop()));
  f.script.await_fetch(1);
  f.time.move_on(12s);
  CHECK(f.refresher->state().reason ==
        "a token was wanted 12 s ago, and its turn has not come yet: 7 at a time are sent there");
  f.script.release();
}

TEST_CASE("a token says where its answer led") {
  Fixture f;
  f.script.answer({"first", 3600s, {{"instance_url", "https://na1.salesforce.com"}}});
  f.start();
  f.time.settle();
  CHECK(f.refresher->state().token->attributes.at("instance_url") == "https://na1.salesforce.com");
}

TEST_CASE("200 subscribers who wait for the first token share one fetch") {
  Fixture f;
  f.script.answer({"first", 3600s});
  f.script.hold();
  f.start();
  f.script.await_fetch(1);
  std::atomic<int> told = 0;
  std::vector<std::unique_ptr<token::Subscription>> subscriptions;
  for (int i = 0; i < 200; ++i) subscriptions.push_back(f.refresher->subscribe([&] { ++told; }));
  at_once(200, [&] { CHECK(f.refresher->reject(0)); });
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
  at_once(200, [&] { CHECK(f.refresher->reject(1)); });
  f.script.await_fetch(2);
  at_once(200, [&] { CHECK(f.refresher->reject(1)); });
  f.script.release();
  f.time.settle();
  CHECK(f.refresher->reject(1));  // late: a newer one is there
  f.time.settle();
  CHECK(f.token() == "second");
  CHECK(f.script.fetches() == 2);
  CHECK(f.diary.entries == std::vector<std::string>{"fetched 1", "forced 1", "fetched 2"});
}

TEST_CASE("a refresher ends at once while a fetch is under way, and calls that no failure") {
  Fixture f;
  f.script.answer({"first", 3600s});
  f.script.hold();
  f.start();
  f.script.await_fetch(1);
  f.refresher.reset();
  CHECK(f.script.cancelled());
  CHECK(f.diary.entries.empty());
}

TEST_CASE(
    "a thousand refreshers fetch on one thread, and one whose endpoint hangs delays no other") {
  test::OwnedTime time;
  test::FetchScript hung, script;
  Diary diary;
  hung.answer({"late", 3600s});
  hung.hold();
  script.answer({"first", 3600s});
  std::vector<std::unique_ptr<token::TokenRefresher>> refreshers;
  const std::ptrdiff_t threads = threads_of_process();
  for (int i = 0; i < 1000; ++i) {
    refreshers.push_back(refresher_of(i == 500 ? hung : script, time, diary));
  }
  time.settle();
  for (int i = 0; i < 1000; ++i) {
    CAPTURE(i);
    CHECK((refreshers[static_cast<std::size_t>(i)]->state().token == nullptr) == (i == 500));
  }
  // One that another test has joined may have been counted: it is listed until the kernel is done
  // with it.
  CHECK(threads_of_process() <= threads);
  time.advance(3480s);  // each is renewed
  CHECK(script.fetches() == 2 * 999);
  CHECK(hung.fetches() == 1);
}

TEST_CASE("a refresher that ends while it spends a refresh token waits for that, for 5 s at most") {
  Fixture f;
  f.script.answer({"first", 3600s});
  f.script.hold();
  std::atomic<bool> closed = false;
  f.start(std::make_unique<Spending>(f.script, f.time.loop(), &closed));
  f.script.await_fetch(1);
  std::thread ends([&] { f.refresher.reset(); });
  f.time.advance(token::kSpendingGrace - 1ms);
  CHECK_FALSE(f.script.cancelled());
  CHECK_FALSE(closed);
  // The end may have been asked for after the time moved on: then it counts from there.
  while (!closed) f.time.advance(1s);
  ends.join();
  CHECK(f.script.cancelled());
}

TEST_CASE("an order that comes while a refresher ends wakes nothing that is gone") {
  struct Closing final : test::ScriptedFetcher {
    net::Task<void> close() override {
      net::Sleeper sleeper(loop);
      closing = true;
      while (!go) co_await sleeper.let_others_go();
    }
    net::Loop& loop;
    std::atomic<bool>&closing, &go;
    Closing(test::FetchScript& script, net::Loop& its_loop, std::atomic<bool>& its_closing,
            std::atomic<bool>& may_go)
        : ScriptedFetcher(script, its_loop), loop(its_loop), closing(its_closing), go(may_go) {}
  };
  Fixture f;
  f.script.answer({"first", 3600s});
  std::atomic<bool> closing = false, go = false;
  f.start(std::make_unique<Closing>(f.script, f.time.loop(), closing, go));
  f.time.settle();
  token::TokenRefresher* const refresher = f.refresher.get();
  std::thread ends([&] { f.refresher.reset(); });
  while (!closing) std::this_thread::yield();
  refresher->refresh_now();
  go = true;
  ends.join();
  CHECK(f.script.fetches() == 1);
}

TEST_CASE("refreshers whose ends begin at a time wait for their last requests at a time") {
  test::OwnedTime time;
  Diary diary;
  std::array<test::FetchScript, 3> scripts;
  std::vector<std::unique_ptr<token::TokenRefresher>> refreshers;
  for (test::FetchScript& script : scripts) {
    script.answer({"first", 3600s});
    script.hold();
    refreshers.push_back(
        refresher_of(std::make_unique<Spending>(script, time.loop()), time, diary));
    script.await_fetch(1);
  }
  for (const auto& refresher : refreshers) time.loop().post(refresher->begin_end());
  time.settle();
  time.advance(token::kSpendingGrace);
  for (const test::FetchScript& script : scripts) CHECK(script.cancelled());
  for (const auto& refresher : refreshers)
    CHECK_FALSE(refresher->begin_end());  // it has begun already
}

TEST_CASE("subscribers are told of every change until they leave") {
  Fixture f;
  f.script.fail(kDown);
  f.script.answer({"first", 3600s});
  f.script.hold();
  f.start();
  f.script.await_fetch(1);
  std::vector<std::string> seen;
  auto subscription = f.refresher->subscribe([&] { seen.push_back(f.token()); });
  f.script.release();
  f.time.settle();
  f.time.advance(1s);
  CHECK(seen == std::vector<std::string>{"none", "first"});
  subscription.reset();
  f.refresher->refresh_now();
  f.time.settle();
  CHECK(f.script.fetches() == 3);
  CHECK(seen.size() == 2);
}

TEST_CASE("the token before is told beside the newest, unless the upstream rejected it") {
  for (const bool rejected : {false, true}) {
    Fixture f;
    f.script.answer({"first", 3600s});
    f.script.answer({"second", 3600s});
    f.start();
    f.time.settle();
    CHECK(f.refresher->state().former == nullptr);
    if (rejected) {
      CHECK(f.refresher->reject(1));
      f.time.settle();
    } else {
      f.time.advance(3480s);
    }
    REQUIRE(f.token() == "second");
    const token::TokenPtr former = f.refresher->state().former;
    CHECK((former == nullptr) == rejected);
    if (former) CHECK(former->value.reveal() == "first");
    CHECK(f.refresher->reject(1));  // late, for the former one
    CHECK(f.refresher->state().former == nullptr);
  }
}
