// The program that `exec` runs beside a proxy of its own: from the first token to its exit status.
#pragma once

#include <signal.h>
#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "app/credentials.h"
#include "app/main_loop.h"
#include "app/process.h"
#include "app/signals.h"
#include "base/clock.h"

namespace bearer::app {

/// Signals that come meanwhile are passed on.
inline constexpr SignalList kJobSignals{SIGTERM, SIGINT,  SIGHUP,  SIGQUIT,
                                        SIGUSR1, SIGUSR2, SIGALRM, SIGCHLD};

/// Used by one thread: that of the main loop, which is the process's first, to which orphans come.
class Job {
 public:
  /// All outlive it.
  Job(MainLoop& main_loop, const CredentialSet& credentials, const base::Clock& clock)
      : main_loop_(main_loop), credentials_(credentials), clock_(clock) {}

  /// Until every credential has a token. nullopt then; else an exit status, and the reason is said
  /// on stderr.
  std::optional<int> await_tokens(base::Duration patience);

  /// Runs the program to its end; its exit status. `environment` holds NAME=VALUE, all of it.
  int run(const std::vector<std::string>& argv, const std::vector<std::string>& environment,
          const InheritedState& found);

  /// One of kJobSignals came.
  void on_signal(const siginfo_t& signal);

 private:
  void look_for_tokens();
  void reap();

  MainLoop& main_loop_;
  const CredentialSet& credentials_;
  const base::Clock& clock_;
  bool awaiting_tokens_ = false;
  base::Instant deadline_{};  ///< of that wait
  pid_t child_ = -1;
  std::optional<int> status_;  ///< known once it has ended, or must not begin
};

}  // namespace bearer::app
