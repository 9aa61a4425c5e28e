#include "token/store/file_store.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "base/descriptor.h"
#include "base/digest.h"
#include "base/json.h"
#include "token/secret/secret_file.h"
#include "token/store/file_replacement.h"
#include "token/store/file_store_content.h"

namespace bearer::token {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kStoreBytesMax = 16u << 20;  // a thousand credentials take a tenth of it
/// A process replaces the file within milliseconds. If it is stopped then, it must hold up nobody.
constexpr milliseconds kContentWait{2000};
constexpr milliseconds kContentLook{5};

base::Error unusable(const std::string& path, const std::string& why) {
  return {base::Errc::store_unusable, "the token store " + path + " " + why};
}

std::string errno_text() {
  return std::generic_category().message(errno);
}

/// Byte 0 is the content's lock.
std::uint64_t lock_byte(const std::string& identity) {
  std::uint64_t word = 0;
  std::memcpy(&word, base::sha256(identity).data(), sizeof word);
  return (word >> 2) | 1;
}

std::string why_not_ours(const struct stat& info) {
  if (!S_ISREG(info.st_mode)) return "is not a regular file";
  if (info.st_uid != ::geteuid()) return "belongs to another user";
  if ((info.st_mode & 077) != 0) return "can be read by other users: chmod 600 it";
  return "";
}

/// Empty if there is no file yet.
base::Result<base::Secret> read_content(const std::string& path) {
  const base::Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.open() && errno == ENOENT) return base::Secret();
  if (!file.open()) return unusable(path, "cannot be read (" + errno_text() + ")");
  struct stat info {};
  if (::fstat(file.get(), &info) != 0) return unusable(path, "cannot be read: " + errno_text());
  const std::string why = why_not_ours(info);
  if (!why.empty()) return unusable(path, why);
  const auto size = static_cast<std::size_t>(info.st_size);
  if (size > kStoreBytesMax) return unusable(path, "is larger than 16 MiB");
  std::string text(size, '\0');  // a replaced file never grows
  std::size_t filled = 0;
  while (filled < size) {
    const ssize_t count = ::read(file.get(), text.data() + filled, size - filled);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return unusable(path, "cannot be read to its end");
    filled += static_cast<std::size_t>(count);
  }
  return base::Secret(std::move(text));
}

base::Result<FileStoreContent> read_store(const std::string& path) {
  const base::Result<base::Secret> text = read_content(path);
  if (!text) return text.error();
  if (base::json_too_deep(text->reveal())) {
    return unusable(path, std::string(base::kJsonTooDeep) + ": remove it");
  }
  std::optional<FileStoreContent> content = FileStoreContent::parse(*text);
  if (!content) return unusable(path, "is not a token store of this version: remove it");
  return std::move(*content);
}

}  // namespace

std::string why_no_store(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) == 0) {
    std::string why = why_not_ours(info);
    if (!why.empty()) return why;
  }
  const std::string directory = directory_of(without_links(path));
  if (::access(directory.c_str(), W_OK | X_OK) == 0) return "";
  return "cannot be written: the directory " + directory + ": " + errno_text();
}

FileStore::FileStore(const std::string& path, std::string identity, net::Loop& loop)
    : path_(without_links(path)),
      identity_(std::move(identity)),
      loop_(loop),
      clock_(loop.clock()),
      hold_(path_ + ".lock", lock_byte(identity_)),
      content_(path_ + ".lock", 0) {}

net::Task<base::Result<std::optional<Kept>>> FileStore::read(StoreItem item) {
  co_return find(item);
}

net::Task<void> FileStore::release() {
  hold_.unlock();
  co_return;
}

base::Result<std::optional<Kept>> FileStore::find(StoreItem item) const {
  const base::Result<FileStoreContent> content = read_store(path_);
  if (!content) return content.error();
  const FileStoreContent::Entry* entry = content->find(identity_, name(item));
  const base::WallTime now = clock_.wall();
  if (!entry || entry->ends <= now) return std::optional<Kept>();
  return std::optional(Kept{entry->text, entry->ends - now});
}

net::Task<base::Result<void>> FileStore::write(StoreItem item, const base::Secret& text,
                                               base::Duration life) {
  const base::Result<void> locked = co_await lock_content();
  if (!locked) co_return locked.error();
  base::Result<void> replaced = replace(item, text, life);
  content_.unlock();
  co_return replaced;
}

base::Result<void> FileStore::replace(StoreItem item, const base::Secret& text,
                                      base::Duration life) {
  base::Result<FileStoreContent> content = read_store(path_);
  if (!content) return content.error();
  const base::WallTime now = clock_.wall();
  content->drop_ended(now);
  content->set(identity_, std::string(name(item)), {text, now + life});
  const base::Result<void> replaced = replace_file(path_, content->to_text());
  if (!replaced) return unusable(path_, "cannot be written: " + replaced.error().detail);
  return {};
}

net::Task<base::Result<void>> FileStore::lock_content() {
  net::Sleeper sleeper(loop_);
  const base::Instant patience_ends = clock_.now() + kContentWait;
  for (;;) {
    const base::Result<bool> locked = content_.try_lock();
    if (!locked) co_return locked.error();
    if (*locked) co_return {};
    if (clock_.now() >= patience_ends) break;
    co_await sleeper.sleep(clock_.now() + kContentLook);
  }
  co_return unusable(path_, "is locked by another process that does not let go");
}

}  // namespace bearer::token
