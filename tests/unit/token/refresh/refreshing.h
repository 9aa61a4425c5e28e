// A refresher on the test's own time, and a diary of what it tells.
#pragma once

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/support/owned_time.h"
#include "tests/support/scripted_fetcher.h"
#include "token/refresh/token_refresher.h"

namespace bearer::test::refreshing {

using namespace std::chrono_literals;
using base::Errc;
using token::State;

class NoChance final : public base::Random {
 public:
  double unit() override { return 0; }
};

/// All that was observed, in order; read it only while the refresher sleeps.
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

inline std::unique_ptr<token::TokenRefresher> refresher_of(std::unique_ptr<token::Fetcher> fetcher,
                                                           test::OwnedTime& time, Diary& diary) {
  return std::make_unique<token::TokenRefresher>(
      120s, time.loop(),
      token::TokenRefresher::Parts{.fetcher = std::move(fetcher),
                                   .random = std::make_unique<NoChance>(),
                                   .observer = std::make_unique<DiaryObserver>(diary),
                                   .source = "https://login.example.com"});
}
inline std::unique_ptr<token::TokenRefresher> refresher_of(test::FetchScript& script,
                                                           test::OwnedTime& time, Diary& diary) {
  return refresher_of(std::make_unique<test::ScriptedFetcher>(script, time.loop()), time, diary);
}

struct Fixture {
  test::OwnedTime time;
  test::FetchScript script;
  Diary diary;
  std::unique_ptr<token::TokenRefresher> refresher;

  token::TokenRefresher& start() {
    return start(std::make_unique<test::ScriptedFetcher>(script, time.loop()));
  }
  token::TokenRefresher& start(std::unique_ptr<token::Fetcher> fetcher) {
    refresher = refresher_of(std::move(fetcher), time, diary);
    return *refresher;
  }
  std::string token() const {
    const State state = refresher->state();
    return state.token ? std::string(state.token->value.reveal()) : "none";
  }
};

inline void at_once(int threads, const std::function<void()>& work) {
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

inline const base::Error kDown{Errc::token_unreachable, "refused", "check token_url"};
inline const base::Error kRejected{Errc::token_rejected, "invalid_client", "check client_id"};

}  // namespace bearer::test::refreshing
