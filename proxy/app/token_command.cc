#include "app/token_command.h"

#include <signal.h>

#include <algorithm>
#include <atomic>
#include <cassert>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstring>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>

#include "app/exit_status.h"
#include "app/signals.h"
#include "base/log.h"
#include "base/random.h"
#include "base/text.h"
#include "token/refresh/factory.h"
#include "token/refresh/refresh_schedule.h"

namespace bearer::app {
namespace {

bool write_line(const base::Secret& secret) {
  std::string line(secret.reveal());
  line += '\n';
  const bool written = std::fwrite(line.data(), 1, line.size(), stdout) == line.size();
  base::wipe(line);
  return std::fflush(stdout) == 0 && written;
}

constexpr SignalList kEnding{SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGALRM};

bool is_ignored(int signal) {
  struct sigaction found {};
  return sigaction(signal, nullptr, &found) == 0 && found.sa_handler == SIG_IGN;
}

void wait_until(base::Instant until, const std::stop_token& ended) {
  std::mutex mutex;
  std::unique_lock lock(mutex);
  std::condition_variable_any woken;
  woken.wait_for(lock, ended, until - base::system_clock().now(), [] { return false; });
}

/// Calls `ring` once, on a thread of its own, unless it is destroyed before.
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

/// True for failures that pass by themselves, as the refresher also sees them. An answer that is
/// not a token response is not among them: a person who waits should hear of it at once.
bool may_pass(base::Errc code) {
  return code == base::Errc::token_unreachable || code == base::Errc::token_rate_limited ||
         code == base::Errc::token_server_error || code == base::Errc::token_unauthorized;
}

/// Tries until there is a token or a lasting failure, or until `ended`. `failure` is the last one
/// that the end did not cause.
base::Result<token::Fetched> fetch_until(const token::CredentialOptions& options,
                                         base::Instant deadline, const std::stop_token& ended,
                                         std::optional<base::Error>& failure) {
  const base::Clock& clock = base::system_clock();
  base::JitterRandom random;
  token::RefreshSchedule schedule(options.refresh_margin);
  for (;;) {
    base::Result<token::Fetched> fetched = token::fetch_once(options, clock, ended);
    if (fetched || ended.stop_requested()) return fetched;
    failure = fetched.error();
    schedule.begin();
    schedule.failed(clock.now(), *failure, random.unit());
    if (!may_pass(failure->code) || schedule.due() >= deadline) return fetched;
    wait_until(schedule.due(), ended);
    if (ended.stop_requested()) return fetched;
  }
}

base::Error too_late(const token::CredentialOptions& options, base::Duration patience) {
  const char* fix = options.token_command.empty() ? "see that it is up and can be reached from here"
                                                  : "check token_command";
  return {base::Errc::token_unreachable,
          options.source_text() + " gave no token within " + base::format_duration(patience) +
              " (--token-wait)",
          fix};
}

}  // namespace

int print_token(const config::Settings& settings, std::string_view name, const FetchToken& fetch) {
  const auto found = std::ranges::find(settings.credentials, name, &token::CredentialOptions::name);
  assert(found != settings.credentials.end());
  const token::CredentialOptions& credential = *found;
  const base::Result<token::Fetched> fetched = fetch(credential);
  if (!fetched) {
    base::say("no token for credential " + credential.name + ": " + fetched.error().sentence());
    return kNoToken;
  }
  if (fetched->binding && credential.dpop_key_file.empty()) {
    base::say(
        "this token is bound to a key that ends with this command, and is of no use to others: "
        "set dpop_key_file");
  }
  if (!fetched->remark.empty()) base::say(fetched->remark);
  if (!write_line(fetched->value)) {
    base::say(std::string("the token cannot be written to stdout: ") + std::strerror(errno));
    return kRuntimeFailure;
  }
  return kFine;
}

base::Result<token::Fetched> fetch_token(token::CredentialOptions options,
                                         base::Duration patience) {
  // The wait as a whole ends first, and is then reported. A request that spends a refresh token is
  // waited for beyond that: its answer may hold the only one that is good from now on.
  options.command_timeout = patience + std::chrono::seconds(1);
  options.response_timeout = options.command_timeout + token::kSpendingGrace;
  std::stop_source ended;
  std::atomic<int> by = 0;
  std::atomic<bool> late = false;
  std::optional<base::Error> failure;
  const auto fetch_or_be_ended = [&] {
    const Signals signals(kEnding, [&](const siginfo_t& signal, base::Instant) {
      if (is_ignored(signal.si_signo)) return;  // nohup ignores it; blocked, it still arrives
      by = signal.si_signo;
      ended.request_stop();
    });
    const Alarm alarm(patience, [&] {
      late = true;
      ended.request_stop();
    });
    return fetch_until(options, base::after(base::system_clock().now(), patience),
                       ended.get_token(), failure);
  };
  Signals::block(kEnding);
  base::Result<token::Fetched> fetched = fetch_or_be_ended();
  Signals::unblock(kEnding);
  if (by != 0) raise(by);  // so that our parent sees which signal ended us
  if (fetched || !late) return fetched;
  if (failure) return *failure;
  // An answer that came while a spent refresh token was waited for says more. So does a fetch that
  // a pipe kept waiting.
  return fetched.error().code == base::Errc::token_unreachable ? too_late(options, patience)
                                                               : fetched;
}

base::Duration token_wait(const config::Settings& settings, std::string_view credential) {
  base::Duration longest{};
  for (const relay::RouteOptions& route : settings.routes) {
    if (route.credential == credential) longest = std::max(longest, route.token_wait);
  }
  return longest;
}

}  // namespace bearer::app
