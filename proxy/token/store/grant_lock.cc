#include "token/store/grant_lock.h"

#include <filesystem>
#include <optional>
#include <system_error>

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
    : path_(without_links(refresh_token_file)), beside_(path_ + ".lock", 0) {}

bool GrantLock::try_lock() {
  if (own_) return true;
  const base::Result<bool> beside = beside_.try_lock();
  busy_ = path_ + ".lock";
  if (beside && !*beside) return false;
  std::error_code error;
  if (!std::filesystem::is_regular_file(path_, error)) return true;  // such as a pipe
  own_.emplace(path_, 0, FileLock::Missing::fails);
  const base::Result<bool> own = own_->try_lock();
  if (own && *own) return true;
  own_.reset();
  if (!own) return true;
  busy_ = path_;
  beside_.unlock();
  return false;
}

void GrantLock::release() {
  if (own_) own_->unlock();
  own_.reset();
  beside_.unlock();
}

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
    waits_ = !try_lock();
    if (!waits_) co_return {};
    if (!had_turn) turn.leave();
    if (had_turn && !aside) aside.emplace(turn);
    if (clock.now() >= patience_ends) break;
    co_await sleeper.sleep(clock.now() + kLook);
  }
  co_return base::Error{base::Errc::token_unreachable,
                        "another process uses the same refresh token, and has not let go of " +
                            busy_ + " for " + base::format_duration(kGrantPatience),
                        "see which process holds that file open"};
}

}  // namespace bearer::token
