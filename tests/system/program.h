// A child process of a test, and its ends. Every wait has a limit, so that no test hangs, and no
// child outlives the thread that started it, so that nothing is left behind.
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
/// Its waits throw std::runtime_error when kPatience has passed.
class Program {
 public:
  /// `argv[0]` is looked for in PATH; where it is not found, the exit status is 127. `env` holds
  /// NAME=VALUE, added to this process's environment; BEARER_PROXY_* and the variables that name a
  /// proxy for clients are not handed on, nor is that signals of a terminal are ignored. It gets
  /// `passed` as its descriptors from 3 on.
  explicit Program(std::vector<std::string> argv, const std::vector<std::string>& env = {},
                   const std::vector<int>& passed = {});
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;
  ~Program();

  pid_t pid() const { return pid_; }

  /// The next line of its standard output, without the line break; empty at the end.
  std::string read_line();
  /// The rest of its standard output, once it has closed it.
  std::string read_rest();
  /// Returns what it has written to standard error so far.
  std::string errors();
  /// Waits until a line of standard error holds `part`, and returns it; with `nth`, the nth such
  /// line. Throws if the program ends without it.
  std::string await_error(std::string_view part, int nth = 1);

  /// Its standard input is open, and empty, until this is called.
  void close_stdin();
  void write(std::string_view text) const;
  void signal(int number) const;

  /// Waits for its end. The exit status, or 128 and the number of the signal that ended it.
  int wait();

 private:
  /// One of its streams: our end, and what came out of it.
  struct Stream {
    bool ended() const { return fd.get() < 0; }
    void take();  ///< what is there; does not block

    Descriptor fd;
    std::string text;
  };

  template <typename Done>
  void await(Done done, const char* what);

  Descriptor stdin_;
  Stream out_;
  Stream err_;
  Descriptor pidfd_;
  pid_t pid_ = -1;
  bool exited_ = false;
  int status_ = -1;
};

struct Finished {
  int status;
  std::string out;
  std::string err;
};

/// Runs a program to its end.
Finished run(std::vector<std::string> argv, const std::vector<std::string>& env = {});

}  // namespace bearer::test
