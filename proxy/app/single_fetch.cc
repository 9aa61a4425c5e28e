#include "app/single_fetch.h"

#include <signal.h>

#include <atomic>
#include <stop_token>

#include "app/signals.h"
#include "base/clock.h"
#include "token/factory.h"

namespace bearer::app {
namespace {

constexpr SignalList kEnding{SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGALRM};

bool is_ignored(int signal) {
  struct sigaction found {};
  return sigaction(signal, nullptr, &found) == 0 && found.sa_handler == SIG_IGN;
}

}  // namespace

base::Result<token::Fetched> fetch_token(const token::CredentialOptions& options) {
  std::stop_source ended;
  std::atomic<int> by = 0;
  const auto fetch_or_be_ended = [&] {
    const Signals signals(kEnding, [&](const siginfo_t& signal) {
      if (is_ignored(signal.si_signo)) return;  // as nohup has it: a blocked one comes all the same
      by = signal.si_signo;
      ended.request_stop();
    });
    return token::fetch_once(options, base::system_clock(), ended.get_token());
  };
  Signals::block(kEnding);
  base::Result<token::Fetched> fetched = fetch_or_be_ended();
  Signals::unblock(kEnding);
  if (by != 0) raise(by);  // so that who waits for us sees by what we were ended
  return fetched;
}

}  // namespace bearer::app
