#include "net/unix_path.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cassert>
#include <cstddef>
#include <cstring>

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

/// True if nobody would answer: a connection is refused, which does no harm to a living server
/// either.
bool abandoned(const SocketAddress& address) {
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  const bool refused = connect(fd, address.get(), address.size) != 0 && errno == ECONNREFUSED;
  close(fd);
  return refused;
}

base::Result<void> clear_the_way(const std::string& path, const SocketAddress& address) {
  struct stat file {};
  if (lstat(path.c_str(), &file) != 0) return {};  // gone meanwhile
  if (!S_ISSOCK(file.st_mode)) return unusable(path, "a file that is no socket is in the way");
  if (!abandoned(address)) {
    return unusable(path, "another program listens there; choose another path");
  }
  if (unlink(path.c_str()) != 0 && errno != ENOENT) return unusable(path, errno);
  return {};
}

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

base::Result<UnixPath> UnixPath::bind(int fd, const std::string& path, mode_t mode) {
  const SocketAddress address = unix_address(path);
  // On Linux the file gets the socket's own mode, less the umask: it is never open to more people,
  // not even for a moment, and to those that the umask kept out by the chmod below.
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
  return UnixPath(path, file.st_dev, file.st_ino);
}

UnixPath::~UnixPath() {
  struct stat file {};
  if (path_.empty() || lstat(path_.c_str(), &file) != 0) return;
  if (file.st_dev == device_ && file.st_ino == inode_) unlink(path_.c_str());
}

}  // namespace bearer::net
