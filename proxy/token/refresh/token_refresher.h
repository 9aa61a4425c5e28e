// Keeps one credential's token fresh: fetches at the start, ahead of expiry, and at once when the
// upstream answered 401. One thread does all the fetching, so no two fetches run at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "base/clock.h"
#include "base/random.h"
#include "token/fetcher.h"
#include "token/refresh/observer.h"
#include "token/refresh/refresh_schedule.h"
#include "token/refresh/subscribers.h"
#include "token/source.h"
#include "token/thread_wait.h"

namespace bearer::token {

class TokenRefresher final : public Source {
 public:
  struct Parts {
    std::unique_ptr<Fetcher> fetcher;
    std::unique_ptr<ThreadWait> waiting;
    std::unique_ptr<base::Random> random;
    std::unique_ptr<Observer> observer;
    std::string origin =
        {};  ///< where its tokens come from, for a person; CredentialOptions::origin()
  };

  /// Starts the thread, which fetches at once; a first fetch that fails is repeated like any other.
  /// `clock` must outlive the refresher, and must be the one that `waiting` uses.
  TokenRefresher(base::Duration refresh_margin, const base::Clock& clock, Parts parts);
  /// Cancels the current fetch and joins the thread. REQUIRES: no subscription is left.
  ~TokenRefresher() override;

  State state() const override;
  bool reject(std::uint64_t generation) override;
  void replayed(std::uint64_t generation, bool accepted) override;
  std::unique_ptr<Subscription> subscribe(std::function<void()> on_change) override;

  /// Fetches at once, whatever was planned; see RefreshSchedule::refresh_now(). For SIGHUP and for
  /// a person's command. Any thread.
  void refresh_now();

  /// Any thread.
  RefreshCounts counts() const;

 private:
  void run();
  /// False if the refresher is to end.
  bool wait_until_due();
  void see_inputs();
  void fetch();
  void take(Fetched fetched);
  void note(const base::Error& failure);
  std::string pending_reason() const;

  const base::Clock& clock_;
  const Parts parts_;
  Subscribers subscribers_;

  mutable std::mutex mutex_;  // guards what follows, briefly: never during a fetch or a callback
  RefreshSchedule plan_;
  RefreshCounts counts_;
  TokenPtr token_;
  TokenPtr former_;                // see State
  std::string reason_;             // of the last failure
  base::Instant fetch_began_;      // of the current fetch, or the last one
  std::uint64_t fingerprint_ = 0;  // of the last fetch's inputs; used by the thread only
  bool stopping_ = false;

  std::thread thread_;  // last: it uses all of the above
};

}  // namespace bearer::token
