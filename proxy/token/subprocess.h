// Runs a program for its output.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/cancellation.h"
#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"

namespace bearer::token {

struct CommandOptions {
  std::vector<std::string> argv;  ///< at least the program, which is searched for in PATH
  base::Duration timeout;
  std::vector<std::string> environment = {};  ///< `NAME=value`, in place of ours of the same name
  std::vector<std::string> hidden_variables = {};  ///< of ours; the program has no need of them
};

inline constexpr std::size_t kOutputBytesMax = 64u << 10;
inline constexpr std::size_t kErrorLinesMax = 20;
inline constexpr std::size_t kErrorLineCharsMax = 500;

/// run() is called by one thread at a time, cancel() by any.
class Subprocess {
 public:
  using ErrorLine = std::function<void(std::string_view)>;

  /// `on_error_line` gets each of the first lines on standard error, cut if it is long, while the
  /// program runs.
  Subprocess(CommandOptions options, ErrorLine on_error_line);

  /// Runs the program without a shell, in a process group of its own, with our environment except
  /// for the hidden variables, and nothing on standard input. Returns what it printed.
  /// Errc::token_command_failed, with nothing of its output: it cannot be started, ends with a
  /// status other than 0, prints more than kOutputBytesMax or nothing, or does not end in time. A
  /// program that prints too much or does not end in time is killed with its whole group.
  base::Result<base::Secret> run();

  /// The fix for unusable output: check the command.
  std::string fix() const;

  /// Kills the running program, and makes every later run fail at once.
  void cancel();

 private:
  const CommandOptions options_;
  const ErrorLine on_error_line_;
  Cancellation cancellation_;
};

}  // namespace bearer::token
