// Keeps one credential's token fresh: fetches at start, renews ahead of expiry, and at once when
// the upstream answered 401. One coroutine of the control plane's loop does all the fetching, so
// two never run at a time.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/random.h"
#include "net/loop.h"
#include "net/task.h"
#include "token/fetcher.h"
#include "token/refresh/observer.h"
#include "token/refresh/refresh_schedule.h"
#include "token/refresh/subscribers.h"
#include "token/source.h"

namespace bearer::token {

class TokenRefresher final : public Source {
 public:
  struct Parts {
    std::unique_ptr<Fetcher> fetcher;
    std::unique_ptr<base::Random> random;
    std::unique_ptr<Observer> observer;
    std::string source = {};  ///< of its tokens, for a person: CredentialOptions::source_text()
  };

  /// Fetches at once, on the loop's thread; a first fetch that fails is tried again like any other.
  /// `loop` outlives this object, and another thread turns it than the one that destroys the
  /// object, unless its end is over.
  TokenRefresher(base::Duration refresh_margin, net::Loop& loop, Parts parts);
  /// Ends the fetch under way as end_fetch() does, and waits for that. REQUIRES: no subscription is
  /// left.
  ~TokenRefresher() override;

  /// Returns the function that begins to end this object, to be run on the loop's thread; null if
  /// that has begun already. This way many can end at a time before they are destroyed. Any thread.
  std::function<void()> begin_end();
  /// Calls `then` once the end that has begun is over, or at once if it is. `then` may destroy this
  /// object. On the loop's thread.
  void when_ended(std::function<void()> then);

  State state() const override;
  bool reject(std::uint64_t generation) override;
  void replayed(std::uint64_t generation, bool accepted) override;
  std::unique_ptr<Subscription> subscribe(std::function<void()> on_change) override;

  /// Fetches at once, whatever was planned; see RefreshSchedule::refresh_now(). For SIGHUP and for
  /// a person's command. Any thread.
  void refresh_now();
  /// The same if the last fetch failed, or what it read has changed since. Any thread.
  void refresh_if_stale();

  /// Any thread.
  RefreshCounts counts() const;

 private:
  // On the loop's thread.
  net::Task<void> run();
  net::Task<void> end();
  /// False if no fetch is due before `until`.
  bool begin_if_due(base::Instant& until);
  bool watches_inputs() const;
  net::Task<void> wait_until_due();
  void see_inputs();
  net::Task<void> fetch();
  void take(Fetched fetched);
  void note(const base::Error& failure);

  /// Any thread.
  void wake();
  std::string pending_reason() const;

  net::Loop& loop_;
  const base::Clock& clock_;
  const Parts parts_;
  Subscribers subscribers_;

  mutable std::mutex mutex_;  // guards what follows, briefly: never during a fetch or a callback
  RefreshSchedule schedule_;
  RefreshCounts counts_;
  TokenPtr token_;
  TokenPtr former_;            // see State
  std::string reason_;         // of the last failure
  base::Instant fetch_began_;  // of the current fetch, or the last one

  // The loop's thread's own.
  std::uint64_t fingerprint_ = 0;  // of the inputs of the last fetch
  std::optional<net::Sleeper> sleeper_, ending_sleeper_;
  net::Task<void> running_, ending_;

  std::function<void()> when_ended_;
  bool over_ = false;

  std::atomic<bool> end_begun_ = false;
  const std::shared_ptr<std::promise<void>> ended_ = std::make_shared<std::promise<void>>();
};

}  // namespace bearer::token
