// A Fetcher whose answers the test writes, and which the test may hold while it fetches.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <set>
#include <string>
#include <utility>

#include "tests/support/patience.h"

#include "net/loop.h"
#include "net/task.h"
#include "token/fetcher.h"

namespace bearer::test {

/// Any thread. Its last answer is given again and again.
class FetchScript {
 public:
  /// A token that lives for so long from the moment it is asked for.
  struct Token {
    std::string value;
    base::Duration lifetime;
    token::Attributes attributes = {};
  };

  void answer(Token token) { push({std::move(token), {}, false}); }
  void fail(base::Error failure) { push({{}, std::move(failure), true}); }

  /// From now on a fetch does not end before release().
  void hold() {
    set([this] { held_ = true; });
  }
  void release() {
    std::set<net::Sleeper*> fetching;
    set([&] {
      held_ = false;
      fetching = fetching_;
    });
    for (net::Sleeper* sleeper : fetching) {
      sleeper->loop().post([this, sleeper] { wake(sleeper); });
    }
  }
  /// From the next look on the inputs are watched at all times.
  void watch() {
    set([this] { watched_ = true; });
  }
  bool watched() const {
    const std::lock_guard lock(mutex_);
    return watched_;
  }
  /// From now on a fetch under way waits for another process, or does not any more.
  void wait_for_another(bool waits) {
    set([&] { waits_for_another_ = waits; });
  }
  bool waits_for_another() const {
    const std::lock_guard lock(mutex_);
    return waits_for_another_;
  }
  void change_inputs() {
    set([this] { ++fingerprint_; });
  }

  int fetches() const {
    const std::lock_guard lock(mutex_);
    return fetches_;
  }
  /// A fetch was ended while it was held.
  bool cancelled() const {
    const std::lock_guard lock(mutex_);
    return cancelled_;
  }
  std::uint64_t fingerprint() const {
    const std::lock_guard lock(mutex_);
    return fingerprint_;
  }
  /// Blocks until the n-th fetch has begun.
  void await_fetch(int n) {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, kPatience, [&] { return fetches_ >= n; })) {
      throw std::runtime_error("the fetch never began");
    }
  }

  net::Task<base::Result<token::Fetched>> fetch(net::Loop& loop) {
    const Step step = begin();
    const base::Instant asked = loop.clock().now();
    net::Sleeper sleeper(loop);
    {
      Hold hold(*this, sleeper);
      while (held()) co_await sleeper.sleep(base::kNever);
      hold.end();
    }
    if (step.fails) co_return step.failure;
    co_return token::Fetched{base::Secret(step.token.value), asked, asked + step.token.lifetime,
                             "all", step.token.attributes};
  }

 private:
  /// A fetch that is held, or would be.
  class Hold {
   public:
    Hold(FetchScript& script, net::Sleeper& sleeper) : script_(script), sleeper_(sleeper) {
      script_.set([&] { script_.fetching_.insert(&sleeper_); });
    }
    ~Hold() {
      script_.set([&] {
        script_.fetching_.erase(&sleeper_);
        script_.cancelled_ |= !ended_;
      });
    }
    void end() { ended_ = true; }

   private:
    FetchScript& script_;
    net::Sleeper& sleeper_;
    bool ended_ = false;
  };

  struct Step {
    Token token;
    base::Error failure;
    bool fails;
  };

  Step begin() {
    Step step;
    set([&] {
      ++fetches_;
      step = steps_.front();
      if (steps_.size() > 1) steps_.pop_front();
    });
    return step;
  }
  bool held() const {
    const std::lock_guard lock(mutex_);
    return held_;
  }
  void wake(net::Sleeper* sleeper) {
    const std::lock_guard lock(mutex_);
    if (fetching_.contains(sleeper)) sleeper->wake();
  }

  void push(Step step) {
    set([&] { steps_.push_back(std::move(step)); });
  }
  template <typename Change>
  void set(Change change) {
    {
      const std::lock_guard lock(mutex_);
      change();
    }
    changed_.notify_all();
  }

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Step> steps_;
  int fetches_ = 0;
  std::uint64_t fingerprint_ = 1;
  bool watched_ = false;
  bool waits_for_another_ = false;
  bool held_ = false;
  bool cancelled_ = false;
  std::set<net::Sleeper*> fetching_;
};

/// The script outlives the fetcher.
class ScriptedFetcher : public token::Fetcher {
 public:
  ScriptedFetcher(FetchScript& script, net::Loop& loop) : script_(script), loop_(loop) {}
  net::Task<base::Result<token::Fetched>> fetch() override { return script_.fetch(loop_); }
  std::uint64_t fingerprint() const override { return script_.fingerprint(); }
  bool watched() const override { return script_.watched(); }
  bool waits_for_another() const override { return script_.waits_for_another(); }

 private:
  FetchScript& script_;
  net::Loop& loop_;
};

}  // namespace bearer::test
