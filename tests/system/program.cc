#include "tests/system/program.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <stdexcept>
#include <utility>

extern "C" {  // glibc 2.36 forgot to say so itself
#include <sys/pidfd.h>
}

namespace bearer::test {

namespace {

constexpr int kLimitMs = 30'000;

int check(int result, const char* what) {
  if (result < 0) throw std::runtime_error(std::string(what) + ": " + std::strerror(errno));
  return result;
}

void await_readable(int fd, const char* what) {
  pollfd watched{fd, POLLIN, 0};
  if (check(poll(&watched, 1, kLimitMs), "poll") == 0) {
    throw std::runtime_error(std::string("waited too long for ") + what);
  }
}

std::vector<std::string> make_environment(const std::vector<std::string>& added) {
  std::vector<std::string> environment;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    if (!std::string_view(*entry).starts_with("BEARER_PROXY_")) environment.emplace_back(*entry);
  }
  environment.insert(environment.end(), added.begin(), added.end());
  return environment;
}

/// What exec wants. Valid while `strings` is.
std::vector<char*> pointers(std::vector<std::string>& strings) {
  std::vector<char*> array;
  for (std::string& text : strings) array.push_back(text.data());
  array.push_back(nullptr);
  return array;
}

/// The child gets its three streams, and signals as a shell's child would.
pid_t spawn(std::vector<std::string>& argv, std::vector<std::string>& env,
            const std::array<int, 3>& streams) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  for (int i = 0; i < 3; ++i) {
    posix_spawn_file_actions_adddup2(&actions, streams[static_cast<std::size_t>(i)], i);
  }
  pid_t pid = -1;
  const int error = posix_spawnp(&pid, argv[0].c_str(), &actions, nullptr, pointers(argv).data(),
                                 pointers(env).data());
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw std::runtime_error(argv[0] + ": " + std::strerror(error));
  return pid;
}

}  // namespace

std::string built(std::string_view name) {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path() / name;
}

void Descriptor::reset(int fd) {
  if (fd_ >= 0) close(fd_);
  fd_ = fd;
}

Program::Program(std::vector<std::string> argv, const std::vector<std::string>& env)
    : stderr_(check(memfd_create("stderr", MFD_CLOEXEC), "memfd_create")) {
  std::array<int, 2> in{};
  std::array<int, 2> out{};
  check(pipe2(in.data(), O_CLOEXEC), "pipe");
  const Descriptor child_in(in[0]);
  stdin_.reset(in[1]);
  check(pipe2(out.data(), O_CLOEXEC), "pipe");
  const Descriptor child_out(out[1]);
  stdout_.reset(out[0]);

  std::vector<std::string> environment = make_environment(env);
  pid_ = spawn(argv, environment, {child_in.get(), child_out.get(), stderr_.get()});
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
  while (unread_.find('\n') == std::string::npos && read_more()) continue;
  const std::size_t end = unread_.find('\n');
  if (end == std::string::npos) return std::exchange(unread_, {});
  std::string line = unread_.substr(0, end);
  unread_.erase(0, end + 1);
  return line;
}

std::string Program::read_rest() {
  while (read_more()) continue;
  return std::exchange(unread_, {});
}

std::string Program::errors() const {
  std::string text;
  std::array<char, 4096> buffer{};
  for (;;) {
    const ssize_t size =
        pread(stderr_.get(), buffer.data(), buffer.size(), static_cast<off_t>(text.size()));
    if (size <= 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(size));
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
  await_readable(pidfd_.get(), "the end of a program");
  int status = 0;
  check(waitpid(pid_, &status, 0), "waitpid");
  status_ = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  return status_;
}

bool Program::read_more() {
  await_readable(stdout_.get(), "a program's output");
  std::array<char, 65536> buffer{};
  const auto size =
      check(static_cast<int>(read(stdout_.get(), buffer.data(), buffer.size())), "read");
  unread_.append(buffer.data(), static_cast<std::size_t>(size));
  return size > 0;
}

Finished run(std::vector<std::string> argv, const std::vector<std::string>& env) {
  Program program(std::move(argv), env);
  program.close_stdin();
  std::string out = program.read_rest();
  const int status = program.wait();
  return {status, std::move(out), program.errors()};
}

}  // namespace bearer::test
