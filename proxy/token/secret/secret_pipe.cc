#include "token/secret/secret_pipe.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <map>
#include <memory>
#include <mutex>
#include <system_error>
#include <tuple>

#include "base/descriptor.h"
#include "base/text.h"
#include "token/readable.h"

namespace bearer::token {
namespace {

using Reader = std::shared_ptr<const base::Descriptor>;

/// The bytes that came out of one pipe. Its reader stays open until the end has come: without a
/// reader a FIFO would lose its content, and fail its writer.
struct Content {
  Content() { text.reserve(kSecretBytesMax + 1); }  // growing would leave copies
  Content(const Content&) = delete;
  Content& operator=(const Content&) = delete;
  ~Content() { base::wipe(text); }

  std::string text;
  Reader reader;  // shared: another thread may wait on it when the end comes
  bool ended = false;
};

/// The path is not enough, because it may lead to another pipe tomorrow.
using Key = std::tuple<std::string, dev_t, ino_t>;

struct Memory {
  std::mutex mutex;  // guards the contents; never held in a wait
  std::map<Key, Content> contents;
};

Memory& memory() {
  static Memory all;
  return all;
}

base::Error failure(std::string why) {
  return {base::Errc::file_unreadable, std::move(why)};
}

base::Error unreadable() {
  return failure("cannot be read (" + std::generic_category().message(errno) + ")");
}

/// False if there is no writer yet, and if one came, wrote and left since the last read.
bool is_at_end(int pipe) {
  pollfd asked{.fd = pipe, .events = POLLIN, .revents = 0};
  return ::poll(&asked, 1, 0) > 0 && (asked.revents & (POLLHUP | POLLIN)) == POLLHUP;
}

/// Takes the bytes that are there. REQUIRES: the mutex is held, and the pipe has not ended.
base::Result<void> take(Content& content) {
  const int pipe = content.reader->get();
  std::array<char, 4096> piece;
  while (!content.ended) {
    const ssize_t count = ::read(pipe, piece.data(), piece.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno != EAGAIN) return unreadable();
    if (count <= 0) {
      // A writer that has left before the FIFO was opened is not reported, but its bytes are there.
      content.ended = count == 0 && (!content.text.empty() || is_at_end(pipe));
      break;
    }
    const std::size_t room = kSecretBytesMax + 1 - content.text.size();
    content.text.append(piece.data(), std::min(static_cast<std::size_t>(count), room));
    content.ended = content.text.size() > kSecretBytesMax;
  }
  if (content.ended) content.reader.reset();
  return {};
}

base::Error too_late(bool begun, base::Duration patience) {
  const std::string within = " within " + base::format_duration(patience);
  if (!begun) return failure("is a pipe out of which nothing came" + within);
  return failure("is a pipe that was not closed" + within + ": what writes there has to end");
}

/// The state of a pipe: its secret or, if the end has not come yet, the reader to wait on.
struct Look {
  base::Secret secret = {};
  Reader reader = {};
  bool begun = false;  ///< something has come
};

base::Result<Look> look(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return unreadable();
  const std::lock_guard lock(memory().mutex);
  const auto entry = memory().contents.try_emplace({path, info.st_dev, info.st_ino}).first;
  Content& content = entry->second;
  if (content.ended) return Look{base::Secret(content.text)};
  if (!content.reader) {
    base::Descriptor reader(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!reader.open()) return unreadable();
    content.reader = std::make_shared<const base::Descriptor>(std::move(reader));
  }
  const base::Result<void> taken = take(content);
  if (!taken) return taken.error();
  if (!content.ended) return Look{{}, content.reader, !content.text.empty()};
  if (!content.text.empty()) return Look{base::Secret(content.text)};
  memory().contents.erase(entry);  // another writer may come to a FIFO
  return failure("is a pipe that was closed with nothing in it; see what writes there");
}

}  // namespace

bool is_pipe(const std::string& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 && S_ISFIFO(info.st_mode);
}

base::Result<base::Secret> read_pipe(const std::string& path, base::Duration patience) {
  const base::Clock& clock = base::system_clock();
  const base::Instant deadline = base::after(clock.now(), patience);
  for (;;) {
    const base::Result<Look> seen = look(path);
    if (!seen) return seen.error();
    if (!seen->reader) return seen->secret;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - clock.now());
    if (left.count() <= 0) return too_late(seen->begun, patience);
    constexpr std::int64_t kSliceMs = 1000;  // CLOCK_BOOTTIME advances while poll() stands still
    pollfd asked{.fd = seen->reader->get(), .events = POLLIN, .revents = 0};
    ::poll(&asked, 1, static_cast<int>(std::min(left.count(), kSliceMs)));
  }
}

net::Task<base::Result<base::Secret>> read_pipe(const std::string& path, net::Loop& loop,
                                                base::Duration patience) {
  net::Sleeper sleeper(loop);
  const base::Instant deadline = base::after(loop.clock().now(), patience);
  for (;;) {
    const base::Result<Look> seen = look(path);
    if (!seen) co_return seen.error();
    if (!seen->reader) co_return seen->secret;
    if (loop.clock().now() >= deadline) co_return too_late(seen->begun, patience);
    const Readable readable(sleeper, seen->reader->get());
    if (!readable.watching()) co_return unreadable();
    co_await sleeper.sleep(deadline);
  }
}

}  // namespace bearer::token
