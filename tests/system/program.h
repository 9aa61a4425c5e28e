// A child process of a test, and its ends. Every wait has a limit, so that no test hangs.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

namespace bearer::test {

/// The path of a program of this build, beside the running one.
std::string built(std::string_view name);

/// Owns a file descriptor; -1 is none.
class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { reset(); }
  void reset(int fd = -1);
  int get() const { return fd_; }

 private:
  int fd_;
};

/// Started by the constructor; ended with SIGTERM by the destructor, if it has not ended by itself.
/// Every method throws std::runtime_error when a limit of 30 s has passed.
class Program {
 public:
  /// `argv[0]` is looked for in PATH. `env` holds NAME=VALUE, added to this process's environment;
  /// BEARER_PROXY_* of this process is not handed on.
  explicit Program(std::vector<std::string> argv, const std::vector<std::string>& env = {});
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;
  ~Program();

  pid_t pid() const { return pid_; }

  /// The next line of its standard output, without the line break; empty at the end.
  std::string read_line();
  /// The rest of its standard output, once it has closed it.
  std::string read_rest();
  /// What it has written to standard error so far.
  std::string errors() const;

  /// Its standard input is open, and empty, until this is called.
  void close_stdin();
  void signal(int number) const;

  /// Waits for its end. The exit status, or 128 and the number of the signal that ended it.
  int wait();

 private:
  bool read_more();  ///< false at the end

  Descriptor stdin_;
  Descriptor stdout_;
  Descriptor stderr_;
  Descriptor pidfd_;
  pid_t pid_ = -1;
  int status_ = -1;
  std::string unread_;
};

struct Finished {
  int status;
  std::string out;
  std::string err;
};

/// Runs a program to its end.
Finished run(std::vector<std::string> argv, const std::vector<std::string>& env = {});

}  // namespace bearer::test
