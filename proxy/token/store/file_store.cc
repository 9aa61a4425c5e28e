#include "token/store/file_store.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "base/digest.h"
#include "token/secret/secret_file.h"
#include "token/store/file_replacement.h"

namespace bearer::token {
namespace {

using std::chrono::milliseconds;

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

/// Unlocks, however the scope ends.
struct Unlock {
  FileLock& lock;
  ~Unlock() { lock.unlock(); }
};

std::shared_ptr<FileStoreCache> cache_of(const std::string& path, FileStoreCaches* caches) {
  return caches ? caches->of(path) : std::make_shared<FileStoreCache>(path);
}

}  // namespace

std::string why_no_store(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) == 0) {
    std::string why = why_not_ours(info);
    if (!why.empty()) return why;
  }
  const std::string file = without_links(path);
  if (is_mount_point(file)) {
    return "is mounted by itself, so that it cannot be replaced: mount its directory";
  }
  const std::string directory = directory_of(file);
  if (::access(directory.c_str(), W_OK | X_OK) == 0) return "";
  return "cannot be written: the directory " + directory + ": " + errno_text();
}

FileStore::FileStore(const std::string& path, std::string identity, net::Loop& loop,
                     FileStoreCaches* caches)
    : cache_(cache_of(without_links(path), caches)),
      identity_(std::move(identity)),
      loop_(loop),
      clock_(loop.clock()),
      hold_(cache_->path() + ".lock", lock_byte(identity_)),
      content_(cache_->path() + ".lock", 0) {}

net::Task<base::Result<std::optional<Kept>>> FileStore::read(StoreItem item) {
  base::Result<std::optional<Kept>> found = find(item);
  if (found || !cache_->torn()) co_return found;
  const base::Result<void> locked = co_await lock_content();
  if (!locked) co_return found;
  const Unlock at_end{content_};
  // Another process may have done so by now.
  if (!cache_->look()) cache_->set_torn_aside();
  co_return find(item);
}

net::Task<void> FileStore::release() {
  hold_.unlock();
  co_return;
}

base::Result<std::optional<Kept>> FileStore::find(StoreItem item) {
  const base::Result<const FileStoreContent*> content = cache_->look();
  if (!content) return content.error();
  const FileStoreContent::Entry* entry = (*content)->find(identity_, name(item));
  const base::WallTime now = clock_.wall();
  if (!entry || entry->ends <= now) return std::optional<Kept>();
  return std::optional(Kept{entry->text, entry->ends - now});
}

net::Task<base::Result<void>> FileStore::write(StoreItem item, const base::Secret& text,
                                               base::Duration life) {
  const base::Result<void> locked = co_await lock_content();
  if (!locked) co_return locked.error();
  const Unlock at_end{content_};
  co_return replace(item, text, life);
}

base::Result<void> FileStore::replace(StoreItem item, const base::Secret& text,
                                      base::Duration life) {
  const base::Result<const FileStoreContent*> present = cache_->look();
  if (!present) return present.error();
  FileStoreContent content = **present;
  const base::WallTime now = clock_.wall();
  content.drop_ended(now);
  content.set(identity_, std::string(name(item)),
              {text, std::chrono::floor<milliseconds>(now + life)});
  return cache_->replace(std::move(content));
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
  co_return unusable(cache_->path(), "is locked by another process that does not let go");
}

}  // namespace bearer::token
