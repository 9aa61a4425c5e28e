#include "token/store/file_store_cache.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>
#include <utility>

#include "base/json.h"
#include "base/log.h"
#include "token/store/file_replacement.h"

namespace bearer::token {
namespace {

constexpr std::size_t kStoreBytesMax = 16u << 20;  // a thousand credentials take a tenth of it

base::Error unusable(const std::string& path, const std::string& why) {
  return {base::Errc::store_unusable, "the token store " + path + " " + why};
}

std::string errno_text() {
  return std::generic_category().message(errno);
}

bool same(const timespec& a, const timespec& b) {
  return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

base::Result<base::Secret> read_bytes(const std::string& path, const base::Descriptor& file,
                                      std::size_t size) {
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

base::Result<FileStoreContent> parse(const std::string& path, const base::Secret& text) {
  if (base::json_too_deep(text.reveal())) {
    return unusable(path, std::string(base::kJsonTooDeep) + ": remove it");
  }
  std::optional<FileStoreContent> content = FileStoreContent::parse(text);
  if (!content) return unusable(path, "is not a token store of this version: remove it");
  return std::move(*content);
}

}  // namespace

std::string why_not_ours(const struct stat& info) {
  if (!S_ISREG(info.st_mode)) return "is not a regular file";
  if (info.st_uid != ::geteuid()) return "belongs to another user";
  if ((info.st_mode & 077) != 0) return "can be read by other users: chmod 600 it";
  return "";
}

FileStoreCache::Version::Version(const struct stat& info)
    : device(info.st_dev),
      inode(info.st_ino),
      size(info.st_size),
      modified(info.st_mtim),
      changed(info.st_ctim) {}

bool FileStoreCache::Version::operator==(const Version& other) const {
  return device == other.device && inode == other.inode && size == other.size &&
         same(modified, other.modified) && same(changed, other.changed);
}

base::Result<const FileStoreContent*> FileStoreCache::look() {
  const base::Result<void> seen = read_if_changed();
  if (seen) return &content_;
  forget();
  return seen.error();
}

// Opened each time: on NFS only an open asks the server whether the file is still the same.
base::Result<void> FileStoreCache::read_if_changed() {
  base::Descriptor file(::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.open() && errno == ENOENT) {
    forget();
    return {};
  }
  if (!file.open()) return unusable(path_, "cannot be read (" + errno_text() + ")");
  struct stat info {};
  if (::fstat(file.get(), &info) != 0) return unusable(path_, "cannot be read: " + errno_text());
  if (version_ && *version_ == Version(info)) return {};
  const std::string why = why_not_ours(info);
  if (!why.empty()) return unusable(path_, why);
  const base::Result<base::Secret> text =
      read_bytes(path_, file, static_cast<std::size_t>(info.st_size));
  if (!text) return text.error();
  ++parses_;
  base::Result<FileStoreContent> content = parse(path_, *text);
  torn_ = !content && FileStoreContent::torn(*text);
  if (!content) return content.error();
  keep(std::move(file), info, std::move(*content));
  return {};
}

bool FileStoreCache::set_torn_aside() {
  const std::string aside = path_ + ".corrupt";
  if (!std::exchange(torn_, false) || ::rename(path_.c_str(), aside.c_str()) != 0) return false;
  base::log(base::LogLevel::warning,
            "the token store was cut short, as a loss of power does; it begins as an empty one",
            {{"store", std::string_view(path_)}, {"moved_to", std::string_view(aside)}});
  return true;
}

base::Result<void> FileStoreCache::replace(FileStoreContent content) {
  FileReplacement replacement(path_, content.to_text());
  const base::Result<void> replaced = replacement.run();
  if (!replaced) return unusable(path_, "cannot be written: " + replaced.error().detail);
  base::Descriptor file = replacement.take_file();
  struct stat info {};
  if (::fstat(file.get(), &info) != 0) {
    forget();  // the next look reads it
  } else {
    keep(std::move(file), info, std::move(content));
  }
  return {};
}

void FileStoreCache::keep(base::Descriptor file, const struct stat& info,
                          FileStoreContent content) {
  content_ = std::move(content);
  file_ = std::move(file);
  version_.emplace(info);
}

void FileStoreCache::forget() {
  content_ = {};
  file_.reset();
  version_.reset();
}

std::shared_ptr<FileStoreCache> FileStoreCaches::of(const std::string& path) {
  std::weak_ptr<FileStoreCache>& known = caches_[path];
  std::shared_ptr<FileStoreCache> cache = known.lock();
  if (!cache) known = cache = std::make_shared<FileStoreCache>(path);
  return cache;
}

}  // namespace bearer::token
