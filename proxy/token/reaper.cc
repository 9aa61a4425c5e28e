#include "token/reaper.h"

#include <sys/wait.h>

namespace bearer::token {
namespace {

/// Reaps a child that has gone. False if it has not.
bool reap_one(pid_t child) {
  return ::waitpid(child, nullptr, WNOHANG) != 0;
}

}  // namespace

void Reaper::take(pid_t child) {
  if (reap_one(child)) return;
  leaving_.push_back(child);
  sleeper_.wake();
}

net::Task<void> Reaper::reap() {
  for (;;) {
    std::erase_if(leaving_, reap_one);
    const base::Instant look =
        leaving_.empty() ? base::kNever : base::after(sleeper_.loop().clock().now(), kLook);
    co_await sleeper_.sleep(look);
  }
}

}  // namespace bearer::token
