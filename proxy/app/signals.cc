#include "app/signals.h"

#include <pthread.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <utility>

#include "app/exit_status.h"

namespace bearer::app {
namespace {

/// The signal that wakes the thread so that it ends. If another process sends it, it means nothing.
int no_more() {
  return SIGRTMIN;
}

sigset_t set_of(SignalList which) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, no_more());
  for (const int signal : which) sigaddset(&set, signal);
  return set;
}

}  // namespace

void Signals::block(SignalList which) {
  const sigset_t set = set_of(which);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

void Signals::unblock(SignalList which) {
  const sigset_t set = set_of(which);
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

void Signals::end_process_on(SignalList which) {
  for (const int signal : which) std::signal(signal, [](int) { _exit(kFine); });
}

Signals::Signals(SignalList which, std::function<void(const siginfo_t&, base::Instant)> on_signal)
    : thread_([this, set = set_of(which), on_signal = std::move(on_signal)] {
        constexpr timespec kNoTime{};
        base::Instant came{};
        while (!ended_) {
          siginfo_t signal{};
          if (sigtimedwait(&set, &signal, &kNoTime) < 0) {
            if (sigwaitinfo(&set, &signal) < 0) continue;
            came = base::system_clock().now();
          }
          if (signal.si_signo != no_more()) on_signal(signal, came);
        }
      }) {}

Signals::~Signals() {
  ended_ = true;
  pthread_kill(thread_.native_handle(), no_more());
  thread_.join();
}

ShutdownSequence::Step ShutdownSequence::next(base::Instant now) {
  // timeout(1) signals the program and then its whole group, so the program gets the signal twice.
  constexpr std::chrono::milliseconds kSaidTwice{100};
  if (!began_) {
    began_ = now;
    return Step::drain;
  }
  return now - *began_ < kSaidTwice ? Step::nothing : Step::cut;
}

}  // namespace bearer::app
