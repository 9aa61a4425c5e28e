// Runs a program for its output.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"
#include "net/loop.h"
#include "net/task.h"

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

/// Used on its loop's thread.
class Subprocess {
 public:
  using ErrorLine = std::function<void(std::string_view)>;

  /// `on_error_line` is told each of the first lines on standard error, cut where it is long,
  /// while the program runs. `loop` outlives this object.
  Subprocess(CommandOptions options, ErrorLine on_error_line, net::Loop& loop);

  /// Runs the program without a shell, in a process group of its own, with our environment but for
  /// what is hidden, and nothing on standard input, and gives what it printed.
  /// Errc::token_command_failed, with nothing of its output: it cannot be started, ends with
  /// another status than 0, prints more than kOutputBytesMax or nothing, or does not end in time.
  /// One that prints too much or does not end in time is killed with its whole group, and so is one
  /// whose task is destroyed.
  net::Task<base::Result<base::Secret>> run();

  /// The fix for unusable output: check the command.
  std::string fix() const;

 private:
  const CommandOptions options_;
  const ErrorLine on_error_line_;
  net::Loop& loop_;
};

}  // namespace bearer::token
