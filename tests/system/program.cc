#include "tests/system/program.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <stdexcept>
#include <utility>

#include "tests/support/patience.h"

extern "C" {  // glibc 2.36 forgot to say so itself
#include <sys/pidfd.h>
}

namespace bearer::test {

namespace {

constexpr int kNotExecuted = 127;  // as a shell says it

int check(int result, const char* what) {
  if (result < 0) throw std::runtime_error(std::string(what) + ": " + std::strerror(errno));
  return result;
}

/// False for a variable that would change what a program under test does. `name` has its `=`.
bool handed_on(std::string_view name) {
  constexpr std::array<std::string_view, 8> kProxies = {
      "http_proxy=", "https_proxy=", "all_proxy=", "no_proxy=",
      "HTTP_PROXY=", "HTTPS_PROXY=", "ALL_PROXY=", "NO_PROXY="};
  return !name.starts_with("BEARER_PROXY_") && std::ranges::find(kProxies, name) == kProxies.end();
}

std::vector<std::string> make_environment(const std::vector<std::string>& added) {
  std::vector<std::string> environment = added;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view inherited = *entry;
    const std::string_view name = inherited.substr(0, inherited.find('=') + 1);
    const bool replaced = std::ranges::any_of(
        added, [&](const std::string& variable) { return variable.starts_with(name); });
    if (!replaced && handed_on(name)) environment.emplace_back(inherited);
  }
  return environment;
}

/// Returns what exec wants. Valid while `strings` is.
std::vector<char*> pointers(std::vector<std::string>& strings) {
  std::vector<char*> array;
  for (std::string& text : strings) array.push_back(text.data());
  array.push_back(nullptr);
  return array;
}

/// The child gets its streams and other descriptors, in that order from 0 on, and dies with the
/// thread that calls. Between fork and exec it does only what a process of several threads may: all
/// memory is taken before.
pid_t spawn(std::vector<std::string>& argv, std::vector<std::string>& env,
            std::vector<int> descriptors) {
  const std::vector<char*> arguments = pointers(argv);
  const std::vector<char*> environment = pointers(env);
  const pid_t parent = getpid();
  const pid_t pid = check(fork(), "fork");
  if (pid != 0) return pid;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(kNotExecuted);
  const int count = static_cast<int>(descriptors.size());
  for (int& fd : descriptors) fd = fcntl(fd, F_DUPFD_CLOEXEC, count);  // out of the way
  for (int i = 0; i < count; ++i) dup2(descriptors[static_cast<std::size_t>(i)], i);
  // A shell ignores these for what it runs in the background, and nohup the first.
  for (const int number : {SIGHUP, SIGINT, SIGQUIT}) std::signal(number, SIG_DFL);
  execvpe(arguments[0], arguments.data(), environment.data());
  _exit(kNotExecuted);
}

/// The first is for reading.
std::array<int, 2> make_pipe() {
  std::array<int, 2> ends{};
  check(pipe2(ends.data(), O_CLOEXEC), "pipe");
  return ends;
}

}  // namespace

std::string built(std::string_view name) {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path() / name;
}

void Descriptor::reset(int fd) {
  if (fd_ >= 0) close(fd_);
  fd_ = fd;
}

Program::Program(std::vector<std::string> argv, const std::vector<std::string>& env,
                 const std::vector<int>& passed) {
  const auto in = make_pipe();
  const Descriptor child_in(in[0]);
  stdin_.reset(in[1]);
  const auto out = make_pipe();
  const Descriptor child_out(out[1]);
  out_.fd.reset(out[0]);
  const auto err = make_pipe();
  const Descriptor child_err(err[1]);
  err_.fd.reset(err[0]);
  for (const int fd : {out[0], err[0]}) check(fcntl(fd, F_SETFL, O_NONBLOCK), "fcntl");

  std::vector<std::string> environment = make_environment(env);
  std::vector<int> descriptors = {child_in.get(), child_out.get(), child_err.get()};
  descriptors.insert(descriptors.end(), passed.begin(), passed.end());
  pid_ = spawn(argv, environment, descriptors);
  pidfd_.reset(check(pidfd_open(pid_, 0), "pidfd_open"));
}

Program::~Program() {
  if (status_ >= 0) return;
  signal(SIGTERM);
  try {
    wait();
  } catch (const std::runtime_error&) {
    signal(SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
}

std::string Program::read_line() {
  const auto end = [this] { return out_.text.find('\n'); };
  await([&] { return out_.ended() || end() != std::string::npos; }, "a line");
  if (end() == std::string::npos) return std::exchange(out_.text, {});
  std::string line = out_.text.substr(0, end());
  out_.text.erase(0, line.size() + 1);
  return line;
}

std::string Program::read_rest() {
  await([this] { return out_.ended(); }, "the end of the output");
  return std::exchange(out_.text, {});
}

std::string Program::errors() {
  err_.take();
  return err_.text;
}

std::string Program::await_error(std::string_view part, int nth) {
  std::size_t found = std::string::npos;
  std::size_t end = std::string::npos;
  const auto whole_line = [&] {
    end = 0;
    for (int i = 0; i < nth; ++i) {
      found = err_.text.find(part, end);
      end = err_.text.find('\n', found);
      if (found == std::string::npos || end == std::string::npos) return false;
    }
    return true;
  };
  await([&] { return whole_line() || err_.ended(); }, std::string(part).c_str());
  if (!whole_line()) throw std::runtime_error("ended without saying: " + std::string(part));
  const std::size_t begin = err_.text.rfind('\n', found) + 1;  // npos + 1 is 0
  return err_.text.substr(begin, end - begin);
}

void Program::write(std::string_view text) const {
  while (!text.empty()) {
    const ssize_t size = ::write(stdin_.get(), text.data(), text.size());
    text.remove_prefix(static_cast<std::size_t>(check(static_cast<int>(size), "write")));
  }
}

void Program::close_stdin() {
  stdin_.reset();
}

void Program::signal(int number) const {
  kill(pid_, number);
}

int Program::wait() {
  if (status_ >= 0) return status_;
  await([this] { return exited_; }, "the end of a program");
  int status = 0;
  check(waitpid(pid_, &status, 0), "waitpid");
  status_ = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  out_.take();
  err_.take();
  return status_;
}

void Program::Stream::take() {
  std::array<char, 65536> buffer{};
  while (!ended()) {
    const ssize_t size = read(fd.get(), buffer.data(), buffer.size());
    if (size < 0) return;
    if (size == 0) fd.reset();
    text.append(buffer.data(), static_cast<std::size_t>(size));
  }
}

/// Takes from both streams meanwhile, so that the program is never held up by a full pipe.
template <typename Done>
void Program::await(Done done, const char* what) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (!done()) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - std::chrono::steady_clock::now());
    std::array<pollfd, 3> watched{{{out_.fd.get(), POLLIN, 0},
                                   {err_.fd.get(), POLLIN, 0},
                                   {exited_ ? -1 : pidfd_.get(), POLLIN, 0}}};
    if (left.count() <= 0 ||
        check(poll(watched.data(), watched.size(), static_cast<int>(left.count())), "poll") == 0) {
      throw std::runtime_error(std::string("waited too long for: ") + what);
    }
    if (watched[0].revents != 0) out_.take();
    if (watched[1].revents != 0) err_.take();
    if (watched[2].revents != 0) exited_ = true;
  }
}

Finished run(std::vector<std::string> argv, const std::vector<std::string>& env) {
  Program program(std::move(argv), env);
  program.close_stdin();
  std::string out = program.read_rest();
  const int status = program.wait();
  return {status, std::move(out), program.errors()};
}

}  // namespace bearer::test
