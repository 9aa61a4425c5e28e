#include "net/accept_loop.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/recurrence.h"

namespace bearer::net {

AcceptLoop::AcceptLoop(Loop& loop, int listening_fd, Hooks hooks)
    : hooks_(std::move(hooks)),
      sleeper_(loop),
      acceptor_(loop, listening_fd, sleeper_),
      task_(accept()) {
  task_.start();
}

Task<void> AcceptLoop::accept() {
  // After this many clients, those that are being served have their turn.
  constexpr int kAtOnce = 64;
  constexpr std::chrono::milliseconds kFailedPause{100};
  // The client that was to make room may have begun a request in the same moment.
  constexpr std::chrono::milliseconds kRoomPause{50};
  for (;;) {
    base::Instant next_look = base::kNever;
    for (int i = 0; i < kAtOnce && !full(); ++i) {
      const Acceptor::Accepted accepted = acceptor_.accept();
      if (accepted.status == Acceptor::Status::ok) {
        hooks_.accept(accepted.fd);
        if (i == kAtOnce - 1) sleeper_.wake();
        continue;
      }
      if (accepted.status == Acceptor::Status::failed) {
        hooks_.failed(accepted.error);
        failed_at_ = sleeper_.loop().now();
        if (hooks_.make_room) hooks_.make_room();
        next_look = *failed_at_ + kFailedPause;
      }
      break;
    }
    if (full() && ask_for_room()) {
      next_look = std::min(next_look, sleeper_.loop().now() + kRoomPause);
    }
    next_look = std::min(next_look, look_for_recovery());
    co_await sleeper_.sleep(next_look);
  }
}

bool AcceptLoop::ask_for_room() const {
  if (!hooks_.make_room || !acceptor_.somebody_waits()) return false;
  hooks_.make_room();
  return true;
}

base::Instant AcceptLoop::look_for_recovery() {
  if (!failed_at_) return base::kNever;
  const base::Instant calm = *failed_at_ + base::Recurrence::kCalm;
  if (sleeper_.loop().now() < calm) return calm;
  failed_at_.reset();
  if (hooks_.recovered) hooks_.recovered();
  return base::kNever;
}

void AcceptLoop::take_all() {
  while (!full()) {
    const Acceptor::Accepted accepted = acceptor_.accept();
    if (accepted.status != Acceptor::Status::ok) return;
    hooks_.accept(accepted.fd);
  }
}

}  // namespace bearer::net
