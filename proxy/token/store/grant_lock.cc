#include "token/store/grant_lock.h"

#include <optional>

#include "base/text.h"
#include "token/secret/secret_file.h"

namespace bearer::token {
namespace {

/// The pause between two looks, the same for all. If it grew, a process that has waited long would
/// seldom look, and newcomers would take its turn.
constexpr base::Duration kLook = std::chrono::milliseconds(40);

/// Clears `waits`, however the wait ends.
struct WaitEnds {
  std::atomic<bool>& waits;
  ~WaitEnds() { waits = false; }
};

}  // namespace

GrantLock::GrantLock(const std::string& refresh_token_file)
    : path_(without_links(refresh_token_file) + ".lock"), lock_(path_, 0) {}

net::Task<base::Result<void>> GrantLock::acquire(net::Loop& loop, FetchTurn& turn) {
  net::Sleeper sleeper(loop);
  const base::Clock& clock = loop.clock();
  base::Instant patience_ends = clock.now() + kGrantPatience;
  const WaitEnds ends{waits_};
  // A fetch that holds this lock or the token store has its turn already, and must not queue.
  const bool had_turn = turn.taken();
  std::optional<FetchTurn::Aside> aside;
  for (;;) {
    const base::Instant queued = clock.now();
    if (!had_turn) co_await turn.take();
    patience_ends += clock.now() - queued;
    const base::Result<bool> locked = lock_.try_lock();
    waits_ = locked && !*locked;
    if (!waits_) co_return {};
    if (!had_turn) turn.leave();
    if (had_turn && !aside) aside.emplace(turn);
    if (clock.now() >= patience_ends) break;
    co_await sleeper.sleep(clock.now() + kLook);
  }
  co_return base::Error{base::Errc::token_unreachable,
                        "another process uses the same refresh token, and has not let go of " +
                            path_ + " for " + base::format_duration(kGrantPatience),
                        "see which process holds that file open"};
}

}  // namespace bearer::token
