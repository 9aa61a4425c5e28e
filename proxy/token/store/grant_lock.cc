#include "token/store/grant_lock.h"

#include "base/text.h"
#include "token/secret/secret_file.h"

namespace bearer::token {
namespace {

/// The same for all: if the pause grew, a process that has waited long would seldom look, and
/// newcomers would take its turn.
constexpr base::Duration kLook = std::chrono::milliseconds(40);

}  // namespace

GrantLock::GrantLock(const std::string& refresh_token_file)
    : path_(without_links(refresh_token_file) + ".lock"), lock_(path_, 0) {}

base::Result<void> GrantLock::acquire(const Cancellation& cancellation, const base::Clock& clock) {
  const base::Instant patience_ends = clock.now() + kGrantPatience;
  for (;;) {
    const base::Result<bool> locked = lock_.try_lock();
    waits_ = locked && !*locked;
    if (!waits_) return {};
    if (clock.now() >= patience_ends) break;
    if (!cancellation.wait(kLook)) {
      waits_ = false;
      return base::Error{base::Errc::token_unreachable, "the wait was cancelled"};
    }
  }
  waits_ = false;
  return base::Error{base::Errc::token_unreachable,
                     "another process uses the same refresh token, and has not let go of " + path_ +
                         " for " + base::format_duration(kGrantPatience),
                     "see which process holds that file open"};
}

}  // namespace bearer::token
