#include "token/store/file_lock.h"

#include <fcntl.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace bearer::token {
namespace {

struct flock request(short type, std::uint64_t byte) {
  struct flock made {};
  made.l_type = type;
  made.l_whence = SEEK_SET;
  made.l_start = static_cast<off_t>(byte);
  made.l_len = 1;
  return made;
}

}  // namespace

FileLock::FileLock(std::string path, std::uint64_t byte, Missing missing)
    : path_(std::move(path)), byte_(byte), missing_(missing) {}

base::Result<void> FileLock::open() {
  if (file_.open()) return {};
  const int creating = missing_ == Missing::is_created ? O_CREAT : 0;
  file_.reset(::open(path_.c_str(), O_RDWR | creating | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (file_.open()) return {};
  return base::Error{base::Errc::store_unusable,
                     path_ + " cannot be opened (" + std::generic_category().message(errno) + ")"};
}

base::Result<bool> FileLock::try_lock() {
  const base::Result<void> opened = open();
  if (!opened) return opened.error();
  struct flock wanted = request(F_WRLCK, byte_);
  if (::fcntl(file_.get(), F_OFD_SETLK, &wanted) == 0) return true;
  if (errno == EAGAIN || errno == EACCES) return false;
  return base::Error{base::Errc::store_unusable,
                     path_ + " cannot be locked (" + std::generic_category().message(errno) + ")"};
}

void FileLock::unlock() {
  struct flock wanted = request(F_UNLCK, byte_);
  ::fcntl(file_.get(), F_OFD_SETLK, &wanted);
}

}  // namespace bearer::token
