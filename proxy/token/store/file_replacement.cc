#include "token/store/file_replacement.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include "token/secret/secret_file.h"

namespace bearer::token {
namespace {

std::string errno_text(int error) {
  return std::generic_category().message(error);
}

std::string advice(int error) {
  const bool full = error == ENOSPC || error == EDQUOT;
  return full ? "make room on its disk" : "let this process write that file, or its directory";
}

/// Writes all of `text` from the file's beginning on. False with errno.
bool write_all(int file, std::string_view text) {
  for (off_t at = 0; !text.empty();) {
    const ssize_t count = ::pwrite(file, text.data(), text.size(), at);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    at += count;
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

/// Takes the room before anything is overwritten: half of a text would be neither. False with
/// errno. A file system that cannot do so may still write.
bool reserve(int file, off_t size) {
  if (::fallocate(file, FALLOC_FL_KEEP_SIZE, 0, size) == 0) return true;
  return errno != ENOSPC && errno != EDQUOT;
}

/// The new text as it is written over one of `old_size` bytes. It is padded with line breaks, which
/// readers leave out, so that nothing of the old one stands behind it before the file is shortened.
base::Secret padded(const base::Secret& content, std::size_t old_size) {
  const std::size_t size = content.reveal().size() + 1;
  std::string text;
  text.reserve(std::max(size, old_size));
  text = content.reveal();
  text.resize(std::max(size, old_size), '\n');
  return base::Secret(std::move(text));
}

/// False with errno.
bool write_over(const std::string& path, const base::Secret& content) {
  constexpr auto kOldBytesMax = static_cast<off_t>(kSecretBytesMax + 1);
  const base::Descriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  struct stat info {};
  if (!file.open() || ::fstat(file.get(), &info) != 0) return false;
  if (!S_ISREG(info.st_mode)) {
    errno = EINVAL;
    return false;
  }
  const auto size = static_cast<off_t>(content.reveal().size() + 1);
  if (size > info.st_size && !reserve(file.get(), size)) return false;
  const off_t old_size = std::min(info.st_size, kOldBytesMax);
  const base::Secret text = padded(content, static_cast<std::size_t>(old_size));
  return write_all(file.get(), text.reveal()) && ::ftruncate(file.get(), size) == 0 &&
         ::fsync(file.get()) == 0;
}

}  // namespace

FileReplacement::FileReplacement(const std::string& path, base::Secret content)
    : content_(std::move(content)), path_(without_links(path)), fresh_(path_ + ".new") {}

FileReplacement::~FileReplacement() {
  if (file_.open() && !renamed_) ::unlink(fresh_.c_str());
}

base::Result<void> FileReplacement::create() {
  // Removes a file that a killed process left behind.
  if (::unlink(fresh_.c_str()) != 0 && errno != ENOENT) return failure("cannot be removed");
  file_.reset(::open(fresh_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file_.open()) return failure("cannot be created");
  return {};
}

base::Result<void> FileReplacement::write() {
  for (std::string_view rest : {content_.reveal(), std::string_view("\n")}) {
    while (!rest.empty()) {
      const ssize_t count = ::write(file_.get(), rest.data(), rest.size());
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return failure("cannot be written");
      rest.remove_prefix(static_cast<std::size_t>(count));
    }
  }
  return {};
}

base::Result<void> FileReplacement::sync() {
  if (::fsync(file_.get()) != 0) return failure("cannot be synced");
  return {};
}

base::Result<void> FileReplacement::rename() {
  if (::rename(fresh_.c_str(), path_.c_str()) != 0) return failure("cannot be renamed");
  renamed_ = true;
  return {};
}

base::Result<void> FileReplacement::sync_directory() {
  const base::Descriptor directory(
      ::open(directory_of(path_).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory.open()) return failure("has a directory that cannot be opened");
  if (::fsync(directory.get()) != 0) return failure("has a directory that cannot be synced");
  return {};
}

base::Error FileReplacement::failure(std::string_view doing) {
  errno_ = errno;
  return {base::Errc::file_unwritable,
          fresh_ + " " + std::string(doing) + " (" + errno_text(errno_) + ")", advice(errno_)};
}

bool FileReplacement::place_is_taken() const {
  constexpr std::array kTaken{EBUSY, EXDEV, EACCES, EPERM, EROFS, ENOSPC, EDQUOT};
  return std::ranges::find(kTaken, errno_) != kTaken.end();
}

base::Result<void> FileReplacement::run() {
  for (const Step step : kSteps) {
    const base::Result<void> done = (this->*step)();
    if (!done) return done.error();
  }
  return {};
}

base::Result<void> replace_file(const std::string& path, base::Secret content) {
  return FileReplacement(path, std::move(content)).run();
}

base::Result<void> save_file(const std::string& path, const base::Secret& content) {
  FileReplacement replacement(path, content);
  const base::Result<void> replaced = replacement.run();
  if (replaced || !replacement.place_is_taken()) return replaced;
  if (write_over(without_links(path), content)) return {};
  const int error = errno;
  return base::Error{base::Errc::file_unwritable,
                     replaced.error().detail + ", and " + path + " itself cannot be written (" +
                         errno_text(error) + ")",
                     advice(error)};
}

std::string why_unsavable(const std::string& path) {
  const std::string file = without_links(path);
  if (::access(file.c_str(), W_OK) == 0) return {};
  const int error = errno;
  const bool directory = ::access(directory_of(file).c_str(), W_OK | X_OK) == 0;
  return directory && !is_mount_point(file) ? std::string() : errno_text(error);
}

bool is_mount_point(const std::string& path) {
  struct statx info {};
  if (::statx(AT_FDCWD, path.c_str(), AT_SYMLINK_NOFOLLOW, STATX_TYPE, &info) != 0) return false;
  return (info.stx_attributes & info.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT) != 0;
}

}  // namespace bearer::token
