#include "token/fetch_queue.h"

#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/finished.h"
#include "tests/support/owned_loop.h"
#include "tests/support/scripted_fetcher.h"
#include "tests/support/temporary_directory.h"
#include "token/store/grant_lock.h"

using namespace bearer;
using namespace std::chrono_literals;
using token::FetchTurn;

namespace {

constexpr int kMost = token::kRequestsAtOnce;
constexpr const char* kFull = "so many are sent there at a time";

/// Fetches at places. They go on until the script lets them end.
struct Crowd {
  struct One {
    std::shared_ptr<FetchTurn> turn;
    std::unique_ptr<token::QueuedFetcher> fetcher;
    std::optional<base::Result<token::Fetched>> fetched;
    net::Task<void> task;
  };

  Crowd() {
    script.answer({"token", 60s});
    script.hold();
  }
  std::shared_ptr<FetchTurn> turn_at(const std::string& place, std::size_t at_once = kMost) {
    return std::make_shared<FetchTurn>(queue, time.loop(),
                                       token::FetchPlace{place, at_once, kFull});
  }
  One& come(const std::string& place, std::size_t at_once = kMost) {
    all.push_back(std::make_unique<One>());
    One& one = *all.back();
    one.turn = turn_at(place, at_once);
    one.fetcher = std::make_unique<token::QueuedFetcher>(
        std::make_unique<test::ScriptedFetcher>(script, time.loop()), one.turn);
    one.task = test::keep(one.fetcher->fetch(), one.fetched);
    one.task.start();
    return one;
  }
  void come_all(const std::string& place, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) come(place);
  }

  test::OwnedLoop time;
  test::FetchScript script;
  token::FetchQueue queue;
  std::vector<std::unique_ptr<One>> all;
};

}  // namespace

TEST_CASE("so many fetches are under way at one place at once, and the rest follow") {
  Crowd crowd;
  crowd.come_all("https://login.example.com", 3 * kMost);
  CHECK(crowd.script.fetches() == kMost);
  crowd.script.release();
  for (int turn = 0; turn < 3 * kMost; ++turn) crowd.time.turn();
  CHECK(crowd.script.fetches() == 3 * kMost);
  for (const auto& one : crowd.all) CHECK(one->task.done());
}

TEST_CASE("a place where all hang holds up no other") {
  Crowd crowd;
  crowd.come_all("https://hung.example.com", 2 * kMost);
  crowd.come("https://login.example.com");
  CHECK(crowd.script.fetches() == kMost + 1);
}

TEST_CASE("who is ended, in the queue or at its turn, makes room for the next") {
  Crowd crowd;
  crowd.come_all("https://login.example.com", kMost);
  Crowd::One& queued = crowd.come("https://login.example.com");
  crowd.come("https://login.example.com");
  queued.task = {};
  crowd.time.turn();
  CHECK(crowd.script.fetches() == kMost);
  crowd.all.front()->task = {};
  crowd.time.turn();
  CHECK(crowd.script.fetches() == kMost + 1);
  CHECK_FALSE(queued.fetched.has_value());
}

TEST_CASE("a fetch says that it waits for its turn, for as long as it does") {
  Crowd crowd;
  const Crowd::One& first = crowd.come("commands", 1);
  const Crowd::One& second = crowd.come("commands", 1);
  CHECK(first.fetcher->waits_for_turn() == "");
  CHECK(second.fetcher->waits_for_turn() == kFull);
  crowd.all.front()->task = {};
  crowd.time.turn();
  CHECK(crowd.script.fetches() == 2);
  CHECK(second.fetcher->waits_for_turn() == "");
}

TEST_CASE("a fetch that waits for something else takes nobody's turn, and does not queue again") {
  Crowd crowd;
  const std::shared_ptr<FetchTurn> turn = crowd.turn_at("https://login.example.com", 1);
  test::finished(turn->take());
  crowd.come("https://login.example.com", 1);
  crowd.come("https://login.example.com", 1);
  CHECK(crowd.script.fetches() == 0);
  {
    const FetchTurn::Aside aside(*turn);
    crowd.time.turn();
    CHECK(crowd.script.fetches() == 1);
  }
  crowd.all.front()->task = {};
  crowd.time.turn();
  CHECK(crowd.script.fetches() == 1);  // it counts again
  test::finished(turn->take());        // it has its turn already
  turn->leave();
  crowd.time.turn();
  CHECK(crowd.script.fetches() == 2);
}

TEST_CASE("who steps aside without a turn has none afterwards") {
  Crowd crowd;
  const std::shared_ptr<FetchTurn> turn = crowd.turn_at("https://login.example.com", 1);
  { const FetchTurn::Aside aside(*turn); }
  crowd.come("https://login.example.com", 1);
  CHECK(crowd.script.fetches() == 1);
}

TEST_CASE("who waits for another process's grant leaves its turn to those who need not") {
  Crowd crowd;
  const test::TemporaryDirectory directory;
  const std::string file = directory.write("grant", "g");
  token::GrantLock of_another(file), ours(file);
  FetchTurn any;
  REQUIRE(test::finished(of_another.acquire(crowd.time.loop(), any)).has_value());
  const std::shared_ptr<FetchTurn> turn = crowd.turn_at("https://login.example.com", 1);
  std::optional<base::Result<void>> held;
  net::Task<void> waits = test::keep(ours.acquire(crowd.time.loop(), *turn), held);
  waits.start();
  CHECK(ours.waits());
  crowd.come("https://login.example.com", 1);
  CHECK(crowd.script.fetches() == 1);
  of_another.release();
  crowd.time.advance(40ms);
  CHECK_FALSE(waits.done());  // the lock is free, and its turn has not come
  CHECK(turn->waits() == kFull);
  crowd.time.advance(3min);  // which nobody holds against the other process
  crowd.all.front()->task = {};
  crowd.time.turn();
  REQUIRE(waits.done());
  CHECK(held->has_value());
}
