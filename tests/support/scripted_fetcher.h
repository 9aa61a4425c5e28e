// A Fetcher whose answers the test writes, and which the test may hold while it fetches.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <utility>

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

  /// From now on a fetch does not end before release(), or cancel().
  void hold() {
    set([this] { held_ = true; });
  }
  void release() {
    set([this] { held_ = false; });
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
  void cancel() {
    set([this] { cancelled_ = true; });
  }

  int fetches() const {
    const std::lock_guard lock(mutex_);
    return fetches_;
  }
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
    if (!changed_.wait_for(lock, std::chrono::seconds(20), [&] { return fetches_ >= n; })) {
      throw std::runtime_error("the fetch never began");
    }
  }

  base::Result<token::Fetched> fetch(const base::Clock& clock) {
    std::unique_lock lock(mutex_);
    ++fetches_;
    const Step step = steps_.front();
    if (steps_.size() > 1) steps_.pop_front();
    changed_.notify_all();
    changed_.wait(lock, [this] { return !held_ || cancelled_; });
    if (cancelled_) return base::Error{base::Errc::token_unreachable, "cancelled"};
    lock.unlock();
    if (step.fails) return step.failure;
    const base::Instant now = clock.now();
    return token::Fetched{base::Secret(step.token.value), now, now + step.token.lifetime, "all",
                          step.token.attributes};
  }

 private:
  struct Step {
    Token token;
    base::Error failure;
    bool fails;
  };

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
};

/// The script outlives the fetcher.
class ScriptedFetcher : public token::Fetcher {
 public:
  ScriptedFetcher(FetchScript& script, const base::Clock& clock) : script_(script), clock_(clock) {}
  base::Result<token::Fetched> fetch() override { return script_.fetch(clock_); }
  std::uint64_t fingerprint() const override { return script_.fingerprint(); }
  bool watched() const override { return script_.watched(); }
  bool waits_for_another() const override { return script_.waits_for_another(); }
  void cancel() override { script_.cancel(); }

 private:
  FetchScript& script_;
  const base::Clock& clock_;
};

}  // namespace bearer::test
