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
#include "net/task.h"
#include "token/reaper.h"

namespace bearer::token {

struct CommandOptions {
  std::vector<std::string> argv;  ///< at least the program, which is searched for in PATH
  base::Duration timeout;
  std::vector<std::string> environment = {};  ///< `NAME=value`, in place of ours of the same name
  std::vector<std::string> hidden_variables = {};  ///< our variables that the program does not get
};

inline constexpr std::size_t kOutputBytesMax = 64u << 10;
inline constexpr std::size_t kErrorLinesMax = 20;
inline constexpr std::size_t kErrorLineCharsMax = 500;

/// Used on its reaper's loop's thread.
class Subprocess {
 public:
  using ErrorLine = std::function<void(std::string_view)>;

  /// `on_error_line` gets each of the first lines of standard error while the program runs; long
  /// ones are shortened. `reaper` outlives this object.
  Subprocess(CommandOptions options, ErrorLine on_error_line, Reaper& reaper);

  /// Runs the program without a shell and returns what it printed. The program has a process group
  /// of its own, our environment without the hidden variables, and nothing on standard input.
  /// Errc::token_command_failed, with nothing of its output, if it cannot be started, ends with
  /// another status than 0, prints more than kOutputBytesMax or nothing, or does not end in time.
  /// If it prints too much or does not end in time, it is killed with its whole group. So is a
  /// program whose task is destroyed.
  net::Task<base::Result<base::Secret>> run();

  /// The fix for unusable output: check the command.
  std::string fix() const;

 private:
  const CommandOptions options_;
  const ErrorLine on_error_line_;
  Reaper& reaper_;
};

}  // namespace bearer::token
