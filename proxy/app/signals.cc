#include "app/signals.h"

#include <pthread.h>
#include <signal.h>

#include <utility>

namespace bearer::app {
namespace {

// Ends the thread that waits for the next signal when none comes.
constexpr int kNobodyWaits = SIGUSR1;

sigset_t ending_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  return set;
}

}  // namespace

Signals::Signals() {
  sigset_t set = ending_signals();
  sigaddset(&set, SIGHUP);
  sigaddset(&set, kNobodyWaits);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

Signals::~Signals() {
  if (!next_.joinable()) return;
  pthread_kill(next_.native_handle(), kNobodyWaits);
  next_.join();
}

void Signals::wait(const std::function<void()>& on_hangup) {
  sigset_t set = ending_signals();
  sigaddset(&set, SIGHUP);
  for (;;) {
    int signal = 0;
    if (sigwait(&set, &signal) != 0) continue;
    if (signal != SIGHUP) return;
    on_hangup();
  }
}

void Signals::on_next(std::function<void()> then) {
  next_ = std::thread([then = std::move(then)] {
    sigset_t set = ending_signals();
    sigaddset(&set, kNobodyWaits);
    int signal = 0;
    while (sigwait(&set, &signal) != 0) {
    }
    if (signal != kNobodyWaits) then();
  });
}

}  // namespace bearer::app
