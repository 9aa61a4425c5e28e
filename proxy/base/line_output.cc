#include "base/line_output.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <string>
#include <system_error>
#include <thread>

namespace bearer::base {
namespace {

/// A pipe or a socket with room has room for this much (POSIX, write()).
constexpr std::size_t kPieceBytesMax = PIPE_BUF;

/// A terminal that is read takes a line in less. One that is not costs a caller this once.
constexpr std::chrono::milliseconds kHandOver{100};

bool has_room(int fd) {
  pollfd asked{.fd = fd, .events = POLLOUT, .revents = 0};
  return poll(&asked, 1, 0) != 0;  // also if it is broken: the write reports that
}

/// The same file, opened for us alone; no file if we may not.
Descriptor opened_again(int fd) {
  const std::string name = "/proc/self/fd/" + std::to_string(fd);
  return Descriptor(::open(name.c_str(), O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
}

/// Writes a beginning of `text`, as long as that does not wait, and shortens it by that. Returns 0
/// or an errno.
int write_on(int fd, std::string_view& text, bool ask_first) {
  while (!text.empty()) {
    if (ask_first && !has_room(fd)) return EAGAIN;
    const std::size_t size = ask_first ? std::min(text.size(), kPieceBytesMax) : text.size();
    const ssize_t written = ::write(fd, text.data(), size);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    if (written == 0) return ENOSPC;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

/// Threads that are started meanwhile get no signals.
class NoSignals {
 public:
  NoSignals() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  NoSignals(const NoSignals&) = delete;
  NoSignals& operator=(const NoSignals&) = delete;
  ~NoSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_{};
};

}  // namespace

/// A thread that waits in our place. It ends with the process, perhaps within a write.
class PatientWriter {
 public:
  /// Throws std::system_error if there is no descriptor or no thread for it.
  static std::shared_ptr<PatientWriter> start(int fd) {
    auto made = std::make_shared<PatientWriter>();
    made->fd_.reset(fcntl(fd, F_DUPFD_CLOEXEC, 0));
    if (!made->fd_.open()) throw std::system_error(errno, std::generic_category());
    const NoSignals none;  // they are for the threads that expect them
    std::thread([made] { made->run(); }).detach();
    return made;
  }

  /// A line that takes longer than kHandOver counts as written. Until it is, others are EAGAIN.
  int write(std::string_view line) {
    std::unique_lock lock(mutex_);
    if (!line_.empty()) return EAGAIN;
    line_ = line;
    changed_.notify_all();
    return changed_.wait_for(lock, kHandOver, [this] { return line_.empty(); }) ? error_ : 0;
  }

  void stop() {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    changed_.notify_all();
  }

 private:
  void run() {
    std::unique_lock lock(mutex_);
    for (;;) {
      changed_.wait(lock, [this] { return stopped_ || !line_.empty(); });
      if (line_.empty()) return;
      std::string_view rest = line_;
      lock.unlock();
      const int error = write_on(fd_.get(), rest, false);
      lock.lock();
      error_ = error;
      line_.clear();
      changed_.notify_all();
    }
  }

  Descriptor fd_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::string line_;  ///< on its way; its writer alone changes it until it is written
  int error_ = 0;     ///< of the last one
  bool stopped_ = false;
};

void LineOutput::forget() {
  own_.reset();
  if (patient_) patient_->stop();
  patient_.reset();
}

void LineOutput::follow() {
  struct stat found {};
  if (fstat(fd_, &found) != 0) return;  // the write says why
  const File file{found.st_dev, found.st_ino};
  if (file_ == file) return;
  forget();
  torn_ = false;
  const bool terminal = S_ISCHR(found.st_mode) && isatty(fd_) == 1;
  const bool pipe = S_ISFIFO(found.st_mode);
  if (terminal || pipe) own_ = opened_again(fd_);
  asks_first_ = !own_.open() && (pipe || S_ISSOCK(found.st_mode));
  if (terminal && !own_.open()) patient_ = PatientWriter::start(fd_);
  file_ = file;
}

int LineOutput::put(std::string_view text) {
  if (patient_) return patient_->write(text);
  const std::size_t size = text.size();
  const int error = write_on(own_.open() ? own_.get() : fd_, text, asks_first_);
  if (text.size() < size) torn_ = text.data()[-1] != '\n';
  return error;
}

int LineOutput::write(std::string_view line) {
  try {
    follow();
  } catch (const std::system_error& error) {
    return error.code().value();  // the next line tries again
  }
  return torn_ ? put("\n" + std::string(line)) : put(line);
}

}  // namespace bearer::base
