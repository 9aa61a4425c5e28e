#include "token/subprocess.h"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <system_error>
#include <utility>

#include "base/descriptor.h"
#include "base/inherited_limits.h"
#include "base/interpreter.h"
#include "base/text.h"
#include "token/readable.h"

namespace bearer::token {
namespace {

struct Pipe {
  bool open() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return false;
    ours.reset(ends[0]);
    theirs.reset(ends[1]);
    return ::fcntl(ours.get(), F_SETFL, O_NONBLOCK) == 0;
  }
  base::Descriptor ours, theirs;
};

/// Ends with a null pointer, as C wants it. execve() does not change the texts.
std::vector<char*> pointers_to(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (const std::string& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

/// True if one of `entries` sets the variable `name`.
bool sets(const std::vector<std::string>& entries, std::string_view name) {
  return std::ranges::any_of(
      entries, [&](std::string_view one) { return base::take_until(one, '=') == name; });
}

/// Our environment without the hidden variables, and with the program's own in place of ours.
std::vector<char*> environment_of(const CommandOptions& options) {
  std::vector<char*> entries = pointers_to(options.environment);
  entries.pop_back();
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    std::string_view text = *entry;
    const std::string_view name = base::take_until(text, '=');
    const bool hidden =
        std::ranges::find(options.hidden_variables, name) != options.hidden_variables.end();
    if (!hidden && !sets(options.environment, name)) entries.push_back(*entry);
  }
  entries.push_back(nullptr);
  return entries;
}

struct Start {
  char* const* files;  ///< that the program may be
  char* const* arguments;
  char* const* environment;
  int out, err;
  const base::InheritedLimits& limits;
  volatile int error = 0;  ///< the child writes it, behind the compiler's back
};

/// Returns only if no file can be run, with errno. Unlike execvpe(), it gives none to a shell.
void execute(const Start& start) {
  int error = ENOENT;
  for (char* const* file = start.files; *file != nullptr; ++file) {
    execve(*file, start.arguments, start.environment);
    const bool absent = errno == ENOENT || errno == ENOTDIR;
    if (!absent) error = errno;
    if (!absent && errno != EACCES) break;
  }
  errno = error;
}

/// Starts the program with its streams, a process group of its own, default signals, and the limits
/// that we were started with. Runs on the caller's memory, so it makes calls of the system only.
[[noreturn]] void become(Start& start) {
  for (int number = 1; number < NSIG; ++number) std::signal(number, SIG_DFL);
  setpgid(0, 0);
  const int in = open("/dev/null", O_RDONLY | O_CLOEXEC);
  const bool connected = in >= 0 && dup2(in, STDIN_FILENO) >= 0 &&
                         dup2(start.out, STDOUT_FILENO) >= 0 && dup2(start.err, STDERR_FILENO) >= 0;
  if (connected) {
    start.limits.restore();  // last: they may be lower than our descriptors' numbers
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    execute(start);
  }
  start.error = errno;
  _exit(EXIT_FAILURE);
}

/// Returns once the child runs its program, or has failed to. It copies no memory, as fork() would:
/// kept bodies may be large. posix_spawn() knows no limits.
pid_t start_child(Start& start) {
  const pid_t pid = vfork();  // NOLINT(clang-analyzer-security.insecureAPI.vfork)
  if (pid == 0) become(start);
  return pid;
}

/// Returns 0 or an errno.
int spawn(const CommandOptions& options, int out, int err, pid_t& pid) {
  const std::vector<std::string> names = base::program_files(options.argv.front());
  const std::vector<char*> files = pointers_to(names), arguments = pointers_to(options.argv),
                           environment = environment_of(options);
  Start start{files.data(),
              arguments.data(),
              environment.data(),
              out,
              err,
              base::InheritedLimits::of_start()};
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);  // our handlers are not for the child
  pid = start_child(start);
  const int error = pid < 0 ? errno : start.error;
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (error == 0) return 0;
  if (pid > 0) ::waitpid(pid, nullptr, 0);
  pid = -1;
  return error;
}

/// Joins pieces to lines, and passes on the first ones.
class ErrorLines {
 public:
  explicit ErrorLines(const Subprocess::ErrorLine& tell) : tell_(tell) {}
  void take(std::string_view piece) {
    for (const char c : piece) {
      if (c == '\n') {
        end_line();
      } else if (line_.size() < kErrorLineCharsMax) {
        line_ += c;
      }
    }
  }
  void end_line() {
    if (!line_.empty() && ++told_ <= kErrorLinesMax)
      tell_(base::printable(line_, kErrorLineCharsMax));
    line_.clear();
  }

 private:
  const Subprocess::ErrorLine& tell_;
  std::string line_;
  std::size_t told_ = 0;
};

/// True for a command that only a shell would understand; none runs it.
bool wants_shell(const std::vector<std::string>& argv) {
  constexpr std::array<std::string_view, 8> kShellWords{"|", "||", "&&", ";", ">", ">>", "<", "&"};
  return std::ranges::any_of(argv, [&](const std::string& word) {
    return word.starts_with("$(") || std::ranges::find(kShellWords, word) != kShellWords.end();
  });
}

std::string fix_of(const CommandOptions& options) {
  std::string fix = "check token_command";
  if (wants_shell(options.argv)) fix += ": no shell runs it; sh -c '...' does";
  return fix;
}

constexpr int kKilledWithinMs = 200;

/// One run of the program, from its start to its end.
class Run {
 public:
  Run(const CommandOptions& options, const Subprocess::ErrorLine& tell, Reaper& reaper)
      : options_(options), errors_(tell), loop_(reaper.loop()), reaper_(reaper) {
    output_.reserve(kOutputBytesMax);  // growing would leave copies
  }
  ~Run() {
    base::wipe(output_);
    if (pid_ <= 0 || ended_) return;
    ::kill(-pid_, SIGKILL);
    ::kill(pid_, SIGKILL);  // it may have left its group
    // Mostly it is gone at once. One that cannot be killed, since it is another user's or hangs in
    // the kernel, must not hold up the others' tokens.
    pollfd asked{.fd = process_.get(), .events = POLLIN, .revents = 0};
    ::poll(&asked, 1, kKilledWithinMs);
    reaper_.take(pid_);
  }
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  net::Task<base::Result<base::Secret>> result() {
    if (!start()) co_return failure("cannot be started (" + reason_ + ")");
    const bool followed = co_await follow();
    if (!followed) co_return failure(reason_);
    co_return outcome();
  }

 private:
  base::Result<base::Secret> outcome() {
    int status = 0;
    const bool known = ::waitpid(pid_, &status, 0) == pid_;
    ended_ = true;
    if (!known) return failure("left no status (" + std::generic_category().message(errno) + ")");
    if (WIFSIGNALED(status)) {
      return failure("was ended by signal " + std::to_string(WTERMSIG(status)));
    }
    if (WEXITSTATUS(status) != 0) {
      return failure("ended with status " + std::to_string(WEXITSTATUS(status)));
    }
    if (output_.empty()) return failure("printed nothing");
    return base::Secret(std::string(output_));
  }

  bool start() {
    if (!out_.open() || !err_.open()) return give_up(std::generic_category().message(errno));
    const int error = spawn(options_, out_.theirs.get(), err_.theirs.get(), pid_);
    if (error != 0) return give_up(why_not_started(error));
    out_.theirs.reset();
    err_.theirs.reset();
    // glibc 2.36 declares pidfd_open() in a way that is not fit for C++.
    process_.reset(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
    return process_.open() || give_up(std::generic_category().message(errno));
  }

  std::string why_not_started(int error) const {
    const std::string why = std::generic_category().message(error);
    if (error != ENOENT) return why;
    const std::string interpreter = base::missing_interpreter(options_.argv.front());
    if (interpreter.empty()) return why;
    return why + ": the interpreter " + base::printable(interpreter, 100) +
           " that its first line names";
  }

  /// Reads until the program ends, not until its streams do: a child of its own may hold them.
  net::Task<bool> follow() {
    net::Sleeper sleeper(loop_);
    const Readable end(sleeper, process_.get()), output(sleeper, out_.ours.get()),
        errors(sleeper, err_.ours.get());
    if (!end.watching() || !output.watching() || !errors.watching()) {
      co_return give_up("cannot be followed (" + std::generic_category().message(errno) + ")");
    }
    const base::Instant deadline = base::after(loop_.clock().now(), options_.timeout);
    for (;;) {
      const bool over = has_ended();  // before the last look at what it wrote
      const bool fits = read_output();
      const bool more = !read_errors();  // after the output: why it wrote so much may be said first
      if (!fits) co_return cut_off("printed more than 64 KiB");
      if (over) break;
      if (loop_.clock().now() >= deadline) {
        co_return cut_off("did not end within " + base::format_duration(options_.timeout));
      }
      if (more) sleeper.wake();
      co_await sleeper.sleep(deadline);
    }
    errors_.end_line();
    co_return true;
  }

  bool has_ended() const {
    pollfd asked{.fd = process_.get(), .events = POLLIN, .revents = 0};
    return ::poll(&asked, 1, 0) > 0;
  }

  /// Reads the output that has come. False if it is too much.
  bool read_output() {
    std::array<char, 4096> piece;
    ssize_t count = 0;
    bool fits = true;
    while (fits && (count = ::read(out_.ours.get(), piece.data(), piece.size())) > 0) {
      const auto size = static_cast<std::size_t>(count);
      fits = output_.size() + size <= kOutputBytesMax;
      if (fits) output_.append(piece.data(), size);
    }
    OPENSSL_cleanse(piece.data(), piece.size());  // it may contain a token
    return fits;
  }

  /// Reads a few pieces a turn, so that a program that never stops writing is still ended in time.
  /// False if there may be more.
  bool read_errors() {
    std::array<char, 4096> piece;
    for (int turn = 0; turn < 16; ++turn) {
      const ssize_t count = ::read(err_.ours.get(), piece.data(), piece.size());
      if (count <= 0) return true;
      errors_.take({piece.data(), static_cast<std::size_t>(count)});
    }
    return false;
  }

  /// Gives up a program that still runs, and may be within a line.
  bool cut_off(std::string reason) {
    errors_.end_line();
    return give_up(std::move(reason));
  }

  bool give_up(std::string reason) {
    reason_ = std::move(reason);
    return false;
  }

  base::Error failure(const std::string& what_it_did) const {
    return {base::Errc::token_command_failed,
            "the token command " + base::printable(options_.argv.front(), 100) + " " + what_it_did,
            fix_of(options_)};
  }

  const CommandOptions& options_;
  ErrorLines errors_;
  net::Loop& loop_;
  Reaper& reaper_;
  Pipe out_, err_;
  pid_t pid_ = -1;
  base::Descriptor process_;
  bool ended_ = false;
  std::string output_;
  std::string reason_;
};

}  // namespace

Subprocess::Subprocess(CommandOptions options, ErrorLine on_error_line, Reaper& reaper)
    : options_(std::move(options)), on_error_line_(std::move(on_error_line)), reaper_(reaper) {}

net::Task<base::Result<base::Secret>> Subprocess::run() {
  Run run(options_, on_error_line_, reaper_);
  co_return co_await run.result();
}

std::string Subprocess::fix() const {
  return fix_of(options_);
}

}  // namespace bearer::token
