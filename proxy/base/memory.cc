#include "base/memory.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>  // says which C library this is
#include <filesystem>
#include <fstream>
#include <limits>
#include <string_view>

#include "base/text.h"

#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace bearer::base {
namespace {

constexpr std::uint64_t kNone = std::numeric_limits<std::uint64_t>::max();

std::uint64_t machine_bytes() {
  const long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
  if (pages <= 0 || page <= 0) return kNone;
  return static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(page);
}

/// `max`, an absent file, and version 1's number for "no limit" are no limit.
std::uint64_t number_in(const std::filesystem::path& file) {
  std::string line;
  std::ifstream stream(file);
  if (!std::getline(stream, line)) return kNone;
  return parse_decimal(line).value_or(kNone);
}

/// The lowest limit of the group at `path` below `mount` and of all groups above it. A container
/// may see its own group as the mount itself, with a path that it cannot reach.
std::uint64_t least_on_the_way(const std::string& mount, std::string path,
                               const std::string& file) {
  const std::filesystem::path root = mount;
  std::uint64_t least = number_in(root / file);
  while (path.size() > 1) {
    least = std::min(least, number_in(root / path.substr(1) / file));
    path.erase(path.rfind('/'));
  }
  return least;
}

}  // namespace

std::uint64_t memory_limit_bytes(const std::string& root) {
  constexpr std::uint64_t kNoLimitOfVersion1 = 1ULL
                                               << 62;  // and above: its pages cannot be so many
  const std::string mount = root + "/sys/fs/cgroup";
  std::uint64_t least = kNone;
  std::ifstream groups(root + "/proc/self/cgroup");
  for (std::string line; std::getline(groups, line);) {
    // HIERARCHY:CONTROLLERS:PATH; version 2 names no controllers.
    std::string_view rest = line;
    take_until(rest, ':');
    const std::string_view controllers = take_until(rest, ':');
    const std::string path(rest);
    if (controllers.empty()) {
      least = std::min(least, least_on_the_way(mount, path, "memory.max"));
    } else if (controllers == "memory") {
      least = std::min(least, least_on_the_way(mount + "/memory", path, "memory.limit_in_bytes"));
    }
  }
  return std::min(least >= kNoLimitOfVersion1 ? kNone : least, machine_bytes());
}

void return_free_memory() {
#ifdef __GLIBC__
  ::malloc_trim(0);
#endif
}

}  // namespace bearer::base
