#include "app/job.h"

#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <memory>

#include "app/child.h"
#include "app/exit_status.h"
#include "base/internal_fault.h"
#include "base/interpreter.h"
#include "base/log.h"
#include "base/text.h"
#include "token/source.h"

namespace bearer::app {
namespace {

constexpr int kNotFound = 127;  // as a shell returns it
constexpr int kNotExecutable = 126;
constexpr int kSignalBase = 128;

bool all_have_tokens(const CredentialSet::Refreshers& refreshers, base::Instant now) {
  return std::ranges::all_of(refreshers,
                             [now](const auto& entry) { return entry.second->state().valid(now); });
}

/// True if the credential is rejected for as long as we wait. A rejection that may pass is left to
/// another try, if one comes in time.
bool is_rejected(const token::State& state, base::Instant deadline) {
  if (state.health != token::State::Health::rejected) return false;
  const bool under_way = state.next_try == base::kNever;
  return !state.may_pass || (!under_way && state.next_try >= deadline);
}

bool one_is_rejected(const CredentialSet::Refreshers& refreshers, base::Instant deadline) {
  return std::ranges::any_of(
      refreshers, [&](const auto& entry) { return is_rejected(entry.second->state(), deadline); });
}

/// Prints one line for each credential without a token. If one is rejected, the others had no time
/// to get theirs, and are not to blame.
void say_missing(const CredentialSet::Refreshers& refreshers, base::Instant now,
                 base::Instant deadline, base::Duration patience) {
  const bool rejected = one_is_rejected(refreshers, deadline);
  for (const auto& [name, refresher] : refreshers) {
    const token::State state = refresher->state();
    if (state.valid(now) || (rejected && !is_rejected(state, deadline))) continue;
    const std::string reason =
        state.reason.empty()
            ? "no answer within " + base::format_duration(patience) + " (--token-wait)"
            : state.reason;
    std::string line = "the command was not run: no token for credential ";
    line.append(name).append(": ").append(reason);
    base::say(line);
  }
}

std::string why_absent(const std::string& program) {
  const std::string interpreter = base::missing_interpreter(program);
  if (interpreter.empty()) return "there is no such program";
  return "there is no interpreter " + base::printable(interpreter, 100) +
         ", which its first line names";
}

int exit_status(int wait_status) {
  return WIFSIGNALED(wait_status) ? kSignalBase + WTERMSIG(wait_status) : WEXITSTATUS(wait_status);
}

/// True for the terminal's signals, which go to its whole foreground group, our program included.
bool came_from_terminal(const siginfo_t& signal) {
  return signal.si_code == SI_KERNEL && (signal.si_signo == SIGINT || signal.si_signo == SIGQUIT);
}

}  // namespace

std::optional<int> Job::await_tokens(base::Duration patience) {
  const CredentialSet::Refreshers refreshers = credentials_.in_force();
  std::vector<std::unique_ptr<token::Subscription>> subscriptions;
  awaiting_tokens_ = true;
  deadline_ = base::after(clock_.now(), patience);
  for (const auto& [name, refresher] : refreshers) {
    subscriptions.push_back(refresher->subscribe([this] {
      main_loop_.post([this] {
        base::notify("the command that waits for tokens could not be told of one",
                     [this] { look_for_tokens(); });
      });
    }));
  }
  look_for_tokens();
  main_loop_.run(patience);
  awaiting_tokens_ = false;
  if (status_) return status_;
  const base::Instant now = clock_.now();
  if (all_have_tokens(refreshers, now)) return std::nullopt;
  say_missing(refreshers, now, deadline_, patience);
  return kNoToken;
}

void Job::look_for_tokens() {
  if (!awaiting_tokens_) return;
  const CredentialSet::Refreshers refreshers = credentials_.in_force();
  if (all_have_tokens(refreshers, clock_.now()) || one_is_rejected(refreshers, deadline_)) {
    main_loop_.stop();
  }
}

int Job::run(const std::vector<std::string>& argv, const std::vector<std::string>& environment,
             const InheritedState& found) {
  const StartedChild started = start_child(argv, environment, found);
  if (started.pid < 0) {
    const bool absent = started.error == ENOENT;
    base::say("cannot run " + argv.front() + ": " +
              (absent ? why_absent(argv.front()) : std::strerror(started.error)));
    return absent ? kNotFound : kNotExecutable;
  }
  child_ = started.pid;
  while (!status_) main_loop_.run();
  return *status_;
}

// They are rare and mostly end soon, so that nobody has to be told of each.
bool Job::await_uploads(const relay::Service& service, base::Duration patience) {
  constexpr std::chrono::milliseconds kLookAgain{10};
  const base::Instant deadline = base::after(clock_.now(), patience);
  while (service.rests() > 0) {
    if (ends_at_once_ || clock_.now() >= deadline) return false;
    main_loop_.run(kLookAgain);
  }
  return true;
}

void Job::on_signal(const siginfo_t& signal) {
  if (signal.si_signo == SIGCHLD) return reap();
  if (child_ > 0) {
    if (status_) {
      ends_at_once_ |= signal.si_signo == SIGTERM || signal.si_signo == SIGINT;
    } else if (!came_from_terminal(signal)) {
      kill(child_, signal.si_signo);
    }
  } else if (signal.si_signo != SIGUSR1 && signal.si_signo != SIGUSR2) {
    status_ = kSignalBase + signal.si_signo;
    main_loop_.stop();
  }
}

/// Reaps processes that came to this thread, of whichever group or session. A token command,
/// however, is the child of the thread that waits for it, and its status belongs to that thread.
void Job::reap() {
  int status = 0;
  pid_t pid;
  while ((pid = waitpid(-1, &status, WNOHANG | __WNOTHREAD)) > 0) {
    if (pid != child_) continue;
    status_ = exit_status(status);
    main_loop_.stop();
  }
}

}  // namespace bearer::app
