// Runs the program of `exec` beside a proxy of its own: from the first token to its exit status.
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
#include "relay/service.h"

namespace bearer::app {

/// The signals that are passed on to the program.
inline constexpr SignalList kJobSignals{SIGTERM, SIGINT,  SIGHUP,  SIGQUIT,
                                        SIGUSR1, SIGUSR2, SIGALRM, SIGCHLD};

/// Used by one thread: the main loop's, which is the process's first one, to which orphans come.
class Job {
 public:
  /// All arguments outlive it.
  Job(MainLoop& main_loop, const CredentialSet& credentials, const base::Clock& clock)
      : main_loop_(main_loop), credentials_(credentials), clock_(clock) {}

  /// Waits until every credential has a token. Returns nullopt then; else an exit status, after
  /// printing the reason to stderr.
  std::optional<int> await_tokens(base::Duration patience);

  /// Runs the program and returns its exit status. `environment` is complete, as NAME=VALUE.
  int run(const std::vector<std::string>& argv, const std::vector<std::string>& environment,
          const InheritedState& found);

  /// After run(): waits until the proxy has sent the uploads whose answer the program has. False if
  /// `patience` has passed before, or a signal came that ends us.
  bool await_uploads(const relay::Service& service, base::Duration patience);

  /// One of kJobSignals came.
  void on_signal(const siginfo_t& signal);

 private:
  void look_for_tokens();
  void reap();

  MainLoop& main_loop_;
  const CredentialSet& credentials_;
  const base::Clock& clock_;
  bool awaiting_tokens_ = false;
  base::Instant deadline_{};  ///< of the wait for tokens
  pid_t child_ = -1;
  std::optional<int> status_;  ///< known once the program has ended, or must not begin
  bool ends_at_once_ = false;  ///< a signal came after the program's end
};

}  // namespace bearer::app
