// Makes the file of a unix socket, takes it over from a dead process, and removes it at the end.
#pragma once

#include <sys/types.h>

#include <string>
#include <utility>

#include "base/result.h"
#include "net/socket_address.h"

namespace bearer::net {

inline constexpr std::size_t kUnixPathBytesMax = 107;  ///< sun_path without its terminator

/// The address of a unix socket. REQUIRES: `path` has 1 to kUnixPathBytesMax bytes.
SocketAddress unix_address(const std::string& path);

/// A path that is listened on. Its destructor removes the file, if it is still the same one.
class UnixPath {
 public:
  /// Binds `fd` to `path` with that mode (its permission bits, whatever the umask is) and listens.
  /// Replaces a socket file without a listener. A socket file with one, and a file that is no
  /// socket, are errors: Errc::address_unusable with a sentence.
  ///
  /// If several processes do this at a time, one gets the path: each waits while another holds the
  /// lock of its folder (flock), which the kernel takes from a process that dies. After 5 s it goes
  /// on without the lock, because a stranger may hold it for ever.
  static base::Result<UnixPath> listen(int fd, const std::string& path, mode_t mode, int backlog);

  UnixPath(UnixPath&& other) noexcept
      : path_(std::exchange(other.path_, {})), device_(other.device_), inode_(other.inode_) {}
  UnixPath& operator=(UnixPath&& other) noexcept {
    std::swap(path_, other.path_);
    std::swap(device_, other.device_);
    std::swap(inode_, other.inode_);
    return *this;
  }
  ~UnixPath();

 private:
  UnixPath(std::string path, dev_t device, ino_t inode)
      : path_(std::move(path)), device_(device), inode_(inode) {}

  std::string path_;  // empty once moved from
  dev_t device_;
  ino_t inode_;
};

}  // namespace bearer::net
