#include "net/unix_path.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cassert>
#include <chrono>
#include <cstddef>
#include <cstring>
#include <thread>

#include "base/descriptor.h"

namespace bearer::net {
namespace {

base::Error unusable(const std::string& path, const std::string& why) {
  return {base::Errc::address_unusable, "cannot listen on unix:" + path + ": " + why};
}

base::Error unusable(const std::string& path, int error) {
  std::string fix;
  if (error == ENOENT) fix = "; make its folder first";
  if (error == EACCES || error == EPERM) fix = "; this user may not write to its folder";
  return unusable(path, std::strerror(error) + fix);
}

/// True if nobody listens: the connection is refused. The attempt does no harm to a server that
/// lives.
bool abandoned(const SocketAddress& address) {
  const base::Descriptor fd(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  return fd.open() && connect(fd.get(), address.get(), address.size) != 0 && errno == ECONNREFUSED;
}

base::Result<void> clear_the_way(const std::string& path, const SocketAddress& address) {
  struct stat file {};
  if (lstat(path.c_str(), &file) != 0) return {};  // it has gone meanwhile
  if (!S_ISSOCK(file.st_mode)) return unusable(path, "a file that is no socket is in the way");
  if (!abandoned(address)) {
    return unusable(path, "another program listens there; choose another path");
  }
  if (unlink(path.c_str()) != 0 && errno != ENOENT) return unusable(path, errno);
  return {};
}

/// Held while a process makes a socket in that folder, from the check of what is there until
/// somebody listens. A socket without a listener looks like that of a dead process.
class FolderLock {
 public:
  explicit FolderLock(const std::string& path) {
    constexpr int kTriesMax = 500;
    constexpr std::chrono::milliseconds kApart{10};
    const std::size_t slash = path.rfind('/');
    const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
    folder_ = base::Descriptor(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    // Without locks, two processes that start in the same moment are not kept apart. Nor are they
    // if a stranger, who need only read the folder, holds its lock: that must not keep anybody from
    // starting.
    for (int tries = 0; tries < kTriesMax; ++tries) {
      const bool taken =
          folder_.open() && flock(folder_.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
      if (!taken) return;
      std::this_thread::sleep_for(kApart);
    }
  }

 private:
  base::Descriptor folder_;
};

}  // namespace

SocketAddress unix_address(const std::string& path) {
  assert(!path.empty() && path.size() <= kUnixPathBytesMax);
  SocketAddress address;
  auto& unix_part = reinterpret_cast<sockaddr_un&>(address.storage);
  unix_part.sun_family = AF_UNIX;
  std::memcpy(unix_part.sun_path, path.c_str(), path.size() + 1);
  address.size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + 1);
  return address;
}

base::Result<UnixPath> UnixPath::listen(int fd, const std::string& path, mode_t mode, int backlog) {
  const SocketAddress address = unix_address(path);
  const FolderLock lock(path);
  // On Linux the file gets the socket's mode, less the umask, so it is never more open, not even
  // for a moment. The chmod below opens it to those that the umask excluded.
  fchmod(fd, mode);
  if (::bind(fd, address.get(), address.size) != 0) {
    if (errno != EADDRINUSE) return unusable(path, errno);
    const base::Result<void> cleared = clear_the_way(path, address);
    if (!cleared) return cleared.error();
    if (::bind(fd, address.get(), address.size) != 0) return unusable(path, errno);
  }
  struct stat file {};
  if (chmod(path.c_str(), mode) != 0 || lstat(path.c_str(), &file) != 0) {
    return unusable(path, errno);
  }
  UnixPath made(path, file.st_dev, file.st_ino);
  if (::listen(fd, backlog) != 0) return unusable(path, errno);
  return made;
}

UnixPath::~UnixPath() {
  struct stat file {};
  if (path_.empty() || lstat(path_.c_str(), &file) != 0) return;
  if (file.st_dev == device_ && file.st_ino == inode_) unlink(path_.c_str());
}

}  // namespace bearer::net
