#include "relay/body/spill_file.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cstring>
#include <limits>
#include <string>

#include "base/advice.h"

namespace bearer::relay {
namespace {

base::Error failed(const char* doing) {
  return {base::Errc::spill_failed,
          std::string(doing) + " a temporary file: " + std::strerror(errno),
          base::advice_on(base::Trouble::no_room_to_keep_body)};
}

std::string folder() {
  const char* wanted = getenv("TMPDIR");
  return wanted && *wanted ? wanted : "/tmp";
}

int open_unlinked() {
  const std::string in = folder();
  const int fd = ::open(in.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL)) return fd;
  // For a file system without O_TMPFILE.
  std::string name = in + "/bearer-proxy-XXXXXX";
  const int named = mkostemp(name.data(), O_CLOEXEC);
  if (named >= 0) unlink(name.c_str());
  return named;
}

}  // namespace

bool SpillFile::in_memory() {
  struct statfs system {};
  if (statfs(folder().c_str(), &system) != 0) return false;
  return system.f_type == TMPFS_MAGIC || system.f_type == RAMFS_MAGIC;
}

std::uint64_t SpillFile::free_bytes() {
  struct statfs system {};
  if (statfs(folder().c_str(), &system) != 0) return std::numeric_limits<std::uint64_t>::max();
  return std::uint64_t{system.f_bavail} * static_cast<std::uint64_t>(system.f_bsize);
}

base::Result<void> SpillFile::append(std::string_view bytes) {
  if (!open()) fd_.reset(open_unlinked());
  if (!open()) return failed("opening");
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd_.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return failed("writing");
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

base::Result<std::size_t> SpillFile::read(std::uint64_t offset, std::span<char> into) const {
  for (;;) {
    const ssize_t count = pread(fd_.get(), into.data(), into.size(), static_cast<off_t>(offset));
    if (count >= 0) return static_cast<std::size_t>(count);
    if (errno != EINTR) return failed("reading");
  }
}

}  // namespace bearer::relay
