#include "app/single_fetch.h"

#include <signal.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>
#include <utility>

#include "app/signals.h"
#include "base/text.h"
#include "token/refresh/factory.h"

namespace bearer::app {
namespace {

constexpr SignalList kEnding{SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGALRM};

bool is_ignored(int signal) {
  struct sigaction found {};
  return sigaction(signal, nullptr, &found) == 0 && found.sa_handler == SIG_IGN;
}

/// Calls `ring` once, on a thread of its own, unless it is gone before.
class Alarm {
 public:
  Alarm(base::Duration patience, std::function<void()> ring)
      : thread_([patience, ring = std::move(ring)](const std::stop_token& gone) {
          std::mutex mutex;
          std::unique_lock lock(mutex);
          std::condition_variable_any woken;
          woken.wait_for(lock, gone, patience, [] { return false; });
          if (!gone.stop_requested()) ring();
        }) {}

 private:
  std::jthread thread_;
};

base::Error too_late(const token::CredentialOptions& options, base::Duration patience) {
  const char* fix = options.token_command.empty() ? "see that it is up and can be reached from here"
                                                  : "check token_command";
  return {base::Errc::token_unreachable,
          options.origin() + " gave no token within " + base::format_duration(patience) +
              " (--token-wait)",
          fix};
}

}  // namespace

base::Result<token::Fetched> fetch_token(token::CredentialOptions options,
                                         base::Duration patience) {
  // The wait as a whole ends first, and is what is told of.
  options.response_timeout = options.command_timeout = patience + std::chrono::seconds(1);
  std::stop_source ended;
  std::atomic<int> by = 0;
  std::atomic<bool> late = false;
  const auto fetch_or_be_ended = [&] {
    const Signals signals(kEnding, [&](const siginfo_t& signal) {
      if (is_ignored(signal.si_signo)) return;  // as nohup has it: a blocked one comes all the same
      by = signal.si_signo;
      ended.request_stop();
    });
    const Alarm alarm(patience, [&] {
      late = true;
      ended.request_stop();
    });
    return token::fetch_once(options, base::system_clock(), ended.get_token());
  };
  Signals::block(kEnding);
  base::Result<token::Fetched> fetched = fetch_or_be_ended();
  Signals::unblock(kEnding);
  if (by != 0) raise(by);  // so that who waits for us sees by what we were ended
  if (fetched || !late) return fetched;
  // A file that kept us waiting, a pipe, is in the fetch's own words.
  return fetched.error().code == base::Errc::file_unreadable ? fetched
                                                             : too_late(options, patience);
}

base::Duration token_wait(const config::Settings& settings, std::string_view credential) {
  base::Duration longest{};
  for (const relay::RouteOptions& route : settings.routes) {
    if (route.credential == credential) longest = std::max(longest, route.token_wait);
  }
  return longest;
}

}  // namespace bearer::app
