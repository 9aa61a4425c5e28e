#include "token/subprocess.h"

#include <doctest/doctest.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/finished.h"
#include "tests/support/owned_loop.h"
#include "tests/support/patience.h"
#include "tests/support/scoped_environment.h"
#include "tests/support/stranger.h"
#include "tests/support/temporary_directory.h"

using namespace bearer;
using namespace std::chrono_literals;

namespace {

struct Ran {
  base::Result<base::Secret> outcome;
  std::vector<std::string> said;

  std::string failure() const { return outcome ? "none" : outcome.error().detail; }
};

Ran run(std::vector<std::string> argv, base::Duration timeout = test::kPatience) {
  std::vector<std::string> said;
  net::Loop loop(base::system_clock());
  token::Reaper reaper(loop);
  token::Subprocess command(
      {std::move(argv), timeout}, [&](std::string_view line) { said.emplace_back(line); }, reaper);
  auto outcome = test::finished(loop, command.run());
  return {std::move(outcome), std::move(said)};
}

Ran shell(const std::string& script, base::Duration timeout = test::kPatience) {
  return run({"sh", "-c", script}, timeout);
}

}  // namespace

TEST_CASE("a command's output comes as it was printed, with its arguments left alone") {
  CHECK(run({"printf", "%s|", "a b", "$HOME", "*"}).outcome->reveal() == "a b|$HOME|*|");
  CHECK(shell("cat").failure() == "the token command sh printed nothing");  // nothing on its stdin
}

TEST_CASE("lines on standard error are told apart from the token, cut and counted") {
  const Ran ran = shell("echo tok; echo one >&2; printf 'two\\033[1m' >&2");
  CHECK(ran.outcome->reveal() == "tok\n");
  CHECK(ran.said == std::vector<std::string>{"one", "two?[1m"});

  const Ran loud =
      shell("echo tok; yes no | head -n 1000 >&2; yes | head -c 100000 | tr -d '\\n' >&2");
  CHECK(loud.outcome.has_value());
  CHECK(loud.said.size() == token::kErrorLinesMax);
  const Ran longs = shell("echo tok; yes | head -c 100000 | tr -d '\\n' >&2");
  REQUIRE(longs.said.size() == 1);
  CHECK(longs.said[0].size() == token::kErrorLineCharsMax);
}

TEST_CASE("a command that fails says how, and its output is never shown") {
  CHECK(run({"/nonexistent/command", "hush"}).failure() ==
        "the token command /nonexistent/command cannot be started (No such file or directory)");
  CHECK(shell("echo hush; exit 3").failure() == "the token command sh ended with status 3");
  CHECK(shell("echo hush; kill -9 $$").failure() == "the token command sh was ended by signal 9");
  CHECK(shell("true").failure() == "the token command sh printed nothing");
  const Ran ran = shell("exit 1");
  CHECK(ran.outcome.error().code == base::Errc::token_command_failed);
  CHECK(ran.outcome.error().fix == "check token_command");
}

TEST_CASE("a script whose interpreter does not exist is told from one that is not there") {
  const test::TemporaryDirectory directory;
  const auto failure_of = [&](const char* content) {
    const std::string path = directory.write("script", content);
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    return run({path}).failure();
  };
  const std::string start = "the token command " + directory.path("script") +
                            " cannot be started (No such file or directory: ";
  CHECK(failure_of("#! /no/such/interpreter -x\necho tok\n") ==
        start + "the interpreter /no/such/interpreter that its first line names)");
  CHECK(failure_of("#!/bin/sh\r\necho tok\r\n") ==
        start + "the interpreter /bin/sh? that its first line names)");
}

TEST_CASE("no shell is asked to guess what a file is that the system cannot run") {
  const test::TemporaryDirectory directory;
  const std::string path = directory.write("odd", "echo tok\n");
  std::filesystem::permissions(path, std::filesystem::perms::owner_all);
  CHECK(run({path}).failure() ==
        "the token command " + path + " cannot be started (Exec format error)");
}

TEST_CASE("a file that may not be run is passed over in PATH, and told if there is no other") {
  const test::TemporaryDirectory first, second;
  first.write("found-late", "");
  const std::string path = second.write("found-late", "#!/bin/sh\necho tok\n");
  const test::ScopedEnvironment in_path("PATH", first.path("") + ":" + second.path(""));
  CHECK(run({"found-late"}).failure() ==
        "the token command found-late cannot be started (Permission denied)");
  std::filesystem::permissions(path, std::filesystem::perms::owner_all);
  CHECK(run({"found-late"}).outcome->reveal() == "tok\n");
}

TEST_CASE("a script that is found in PATH has its missing interpreter named too") {
  const test::TemporaryDirectory directory;
  const std::string path = directory.write("script-in-path", "#!/no/such/interpreter\n");
  std::filesystem::permissions(path, std::filesystem::perms::owner_all);
  const test::ScopedEnvironment in_path("PATH", directory.path("").c_str());
  CHECK(run({"script-in-path"}).failure() ==
        "the token command script-in-path cannot be started (No such file or directory: the "
        "interpreter /no/such/interpreter that its first line names)");
  CHECK(run({"no-such-script"}).failure() ==
        "the token command no-such-script cannot be started (No such file or directory)");
}

TEST_CASE("a command that prints a megabyte is ended, and nothing grows") {
  CHECK(shell("yes | head -c 65536").outcome.has_value());
  CHECK(shell("yes | head -c 1048576").failure() ==
        "the token command sh printed more than 64 KiB");
  CHECK(shell("yes").failure() == "the token command sh printed more than 64 KiB");
}

TEST_CASE("a hanging command is killed in time with what it started, and its last words are told") {
  const test::TemporaryDirectory directory;
  const std::string path = directory.path("pid");
  test::OwnedLoop time;
  token::Reaper reaper(time.loop());
  std::vector<std::string> said;
  token::Subprocess command(
      {{"sh", "-c", "sleep 1000 & echo $! >" + path + "; printf 'on\nPassword: ' >&2; wait"}, 30s},
      [&](std::string_view line) {
        said.emplace_back(line);
        if (line == "on") time.let_pass(30s);
      },
      reaper);
  const auto outcome = time.run(command.run());
  REQUIRE_FALSE(outcome.has_value());
  CHECK(outcome.error().detail == "the token command sh did not end within 30 s");
  CHECK(said == std::vector<std::string>{"on", "Password: "});
  CHECK(test::Stranger(test::number_in(path)).await_end());
}

namespace {

/// Traces a process from a process of its own: as long as it lives, nobody learns of the other's
/// end, which is thus as long in coming.
class Tracer {
 public:
  explicit Tracer(pid_t traced) {
    std::array<int, 2> ends{};
    REQUIRE(::pipe(ends.data()) == 0);
    pid_ = ::fork();
    if (pid_ == 0) {
      const char traces = ::ptrace(PTRACE_SEIZE, traced, nullptr, nullptr) == 0 ? 'y' : 'n';
      const bool told = ::write(ends[1], &traces, 1) == 1;
      while (told) ::pause();
      ::_exit(1);
    }
    char traces = 'n';
    REQUIRE(::read(ends[0], &traces, 1) == 1);
    allowed_ = traces == 'y';
    for (const int end : ends) ::close(end);
  }
  Tracer(const Tracer&) = delete;
  Tracer& operator=(const Tracer&) = delete;
  ~Tracer() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  bool allowed() const { return allowed_; }

 private:
  pid_t pid_ = -1;
  bool allowed_ = false;
};

}  // namespace

TEST_CASE(
    "a command that was killed and takes its time to go is reaped, though nobody runs it again") {
  test::OwnedLoop time;
  token::Reaper reaper(time.loop());
  pid_t ran = 0;
  std::optional<Tracer> tracer;
  {
    token::Subprocess command(
        {{"sh", "-c", "echo $$ >&2; exec sleep 1000"}, 30s},
        [&](std::string_view line) {
          ran = std::stoi(std::string(line));
          tracer.emplace(ran);
          time.let_pass(30s);
        },
        reaper);
    CHECK(time.run(command.run()).has_error());
  }
  if (!tracer->allowed()) {
    MESSAGE("skipped: this user may not trace processes");
    return;
  }
  time.advance(5s);
  tracer.reset();
  CHECK(::kill(ran, 0) == 0);  // a zombie
  time.advance(token::Reaper::kLook);
  CHECK(::kill(ran, 0) == -1);
}

TEST_CASE("a command's end is its own, not that of what it left running") {
  const test::TemporaryDirectory directory;
  const std::string path = directory.path("pid");
  const Ran ran = shell("sleep 1000 & echo $! >" + path + "; echo tok");
  CHECK(ran.outcome->reveal() == "tok\n");
  CHECK(::kill(test::number_in(path), SIGKILL) == 0);
}

TEST_CASE("signals that we block reach a command") {
  sigset_t term, before;
  sigemptyset(&term);
  sigaddset(&term, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &term, &before);
  const Ran ran = shell("kill -TERM $$; echo tok");
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  CHECK(ran.failure() == "the token command sh was ended by signal 15");
}

TEST_CASE("a run whose task is destroyed ends with its program, and what that started") {
  const test::TemporaryDirectory directory;
  const std::string path = directory.path("pid");
  net::Loop loop(base::system_clock());
  token::Reaper reaper(loop);
  // The command tells by its first line that it runs.
  token::Subprocess command(
      {{"sh", "-c", "sleep 1000 & echo $! >" + path + "; echo on >&2; wait"}, test::kPatience},
      [&](std::string_view) { loop.stop(); }, reaper);
  {
    std::optional<base::Result<base::Secret>> outcome;
    net::Task<void> running = test::keep(command.run(), outcome);
    running.start();
    loop.run();
    REQUIRE_FALSE(running.done());
  }
  CHECK(test::Stranger(test::number_in(path)).await_end());
}

TEST_CASE("one that never stops writing lets others of its loop go on, and is ended in time") {
  net::Loop loop(base::system_clock());
  token::Reaper reaper(loop);
  token::Subprocess loud(
      {{"sh", "-c", "yes >&2"}, 200ms}, [](std::string_view) {}, reaper);
  token::Subprocess quiet(
      {{"echo", "tok"}, test::kPatience}, [](std::string_view) {}, reaper);
  std::optional<base::Result<base::Secret>> failed;
  net::Task<void> running = test::keep(loud.run(), failed);
  running.start();
  CHECK(test::finished(loop, quiet.run())->reveal() == "tok\n");
  while (!running.done()) test::turn(loop);
  CHECK(failed->error().detail == "the token command sh did not end within 200 ms");
}

TEST_CASE("a command whose status nobody keeps has failed") {
  struct sigaction before {};
  REQUIRE(sigaction(SIGCHLD, nullptr, &before) == 0);
  signal(SIGCHLD, SIG_IGN);  // a child is forgotten as it ends
  CHECK(shell("echo no-token; exit 7").failure() != "none");
  sigaction(SIGCHLD, &before, nullptr);
}

TEST_CASE("a command does not get the variables that are hidden from it, and all others") {
  const test::ScopedEnvironment secret("DOOR_SECRET", "s3cret"), other("DOOR_SECRETS", "plain");
  net::Loop loop(base::system_clock());
  token::Reaper reaper(loop);
  token::Subprocess command(
      {{"sh", "-c", "echo ${DOOR_SECRET-unset} $DOOR_SECRETS ${PATH:+path}"},
       test::kPatience,
       {"DOOR_SECRET", "NEVER_THERE"}},
      [](std::string_view) {}, reaper);
  CHECK(test::finished(loop, command.run())->reveal() == "unset plain path\n");
}
