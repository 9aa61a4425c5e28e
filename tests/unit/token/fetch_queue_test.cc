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

using namespace bearer;
using namespace std::chrono_literals;

namespace {

/// Fetches at places. They go on until the script lets them end.
struct Crowd {
  struct One {
    std::unique_ptr<token::QueuedFetcher> fetcher;
    std::optional<base::Result<token::Fetched>> fetched;
    net::Task<void> task;
  };

  Crowd() {
    script.answer({"token", 60s});
    script.hold();
  }
  One& come(const std::string& place) {
    all.push_back(std::make_unique<One>());
    One& one = *all.back();
    one.fetcher = std::make_unique<token::QueuedFetcher>(
        std::make_unique<test::ScriptedFetcher>(script, time.loop()), time.loop(), queue, place);
    one.task = test::keep(one.fetcher->fetch(), one.fetched);
    one.task.start();
    return one;
  }
  void come(const std::string& place, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) come(place);
  }

  test::OwnedLoop time;
  test::FetchScript script;
  token::FetchQueue queue;
  std::vector<std::unique_ptr<One>> all;
};

constexpr int kMost = token::kFetchesAtOncePerPlace;

}  // namespace

TEST_CASE("so many fetches are under way at one place at once, and the rest follow") {
  Crowd crowd;
  crowd.come("https://login.example.com", 3 * kMost);
  CHECK(crowd.script.fetches() == kMost);
  crowd.script.release();
  for (int turn = 0; turn < 3 * kMost; ++turn) crowd.time.turn();
  CHECK(crowd.script.fetches() == 3 * kMost);
  for (const auto& one : crowd.all) CHECK(one->task.done());
}

TEST_CASE("a place where all hang holds up no other") {
  Crowd crowd;
  crowd.come("https://hung.example.com", 2 * kMost);
  crowd.come("https://login.example.com");
  CHECK(crowd.script.fetches() == kMost + 1);
}

TEST_CASE("who is ended, in the queue or at its turn, makes room for the next") {
  Crowd crowd;
  crowd.come("https://login.example.com", kMost);
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
