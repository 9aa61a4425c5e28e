#include "base/memory.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>  // says which C library this is
#include <exception>
#include <limits>
#include <new>
#include <string_view>

#include "base/descriptor.h"
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

/// The text of one of the kernel's files; empty if it cannot be read.
std::string text_of(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::string text;
  std::array<char, 512> piece{};
  for (ssize_t size = 1; file.open() && size > 0;) {
    size = ::read(file.get(), piece.data(), piece.size());
    if (size > 0) text.append(piece.data(), static_cast<std::size_t>(size));
  }
  return text;
}

/// `max`, an absent file, and version 1's number for "no limit" are no limit.
std::uint64_t number_in(const std::string& path) {
  const std::string text = text_of(path);
  std::string_view lines = text;
  return parse_decimal(take_until(lines, '\n')).value_or(kNone);
}

/// The lowest limit of the group at `path` below `mount` and of all groups above it. A container
/// may see its own group as the mount itself, with a path that it cannot reach.
std::uint64_t least_on_the_way(const std::string& mount, std::string path,
                               const std::string& file) {
  std::uint64_t least = number_in(mount + "/" + file);
  while (path.size() > 1) {
    std::string of_group = mount;
    of_group.append(path).append("/").append(file);
    least = std::min(least, number_in(of_group));
    path.erase(path.rfind('/'));
  }
  return least;
}

/// Returns how much a limit of this process leaves beside what it has mapped already. The kernel
/// counts the pages of a resource in a field of statm (proc_pid_statm(5)).
std::uint64_t left_of(decltype(RLIMIT_AS) resource, int field) {
  rlimit limit{};
  if (getrlimit(resource, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return kNone;
  const std::string statm = text_of("/proc/self/statm");
  std::string_view fields = statm;
  for (int i = 0; i < field; ++i) take_until(fields, ' ');
  const std::uint64_t pages = parse_decimal(take_until(fields, ' ')).value_or(0);
  const std::uint64_t mapped = pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  return limit.rlim_cur - std::min<std::uint64_t>(limit.rlim_cur, mapped);
}

std::uint64_t own_limit_bytes() {
  constexpr int kAll = 0, kData = 5;
  return std::min(left_of(RLIMIT_AS, kAll), left_of(RLIMIT_DATA, kData));
}

std::terminate_handler terminate_before = nullptr;

[[noreturn]] void terminate_with_reason() {
  try {
    if (const std::exception_ptr thrown = std::current_exception()) std::rethrow_exception(thrown);
  } catch (const std::bad_alloc&) {
    constexpr std::string_view kWhy =
        "bearer-proxy: there is no memory left, so the program ends; see ulimit -v and the memory "
        "of this machine or container\n";
    [[maybe_unused]] const ssize_t told = ::write(STDERR_FILENO, kWhy.data(), kWhy.size());
  } catch (...) {  // the handler before tells it
  }
  if (terminate_before != nullptr) terminate_before();
  std::abort();
}

}  // namespace

std::uint64_t memory_limit_bytes(const std::string& root) {
  constexpr std::uint64_t kNoLimitOfVersion1 = 1ULL
                                               << 62;  // and above: its pages cannot be so many
  const std::string mount = root + "/sys/fs/cgroup";
  std::uint64_t least = kNone;
  const std::string groups = text_of(root + "/proc/self/cgroup");
  for (std::string_view lines = groups; !lines.empty();) {
    // HIERARCHY:CONTROLLERS:PATH; version 2 names no controllers.
    std::string_view rest = take_until(lines, '\n');
    take_until(rest, ':');
    const std::string_view controllers = take_until(rest, ':');
    const std::string path(rest);
    if (controllers.empty()) {
      least = std::min(least, least_on_the_way(mount, path, "memory.max"));
    } else if (controllers == "memory") {
      least = std::min(least, least_on_the_way(mount + "/memory", path, "memory.limit_in_bytes"));
    }
  }
  return std::min(
      {least >= kNoLimitOfVersion1 ? kNone : least, machine_bytes(), own_limit_bytes()});
}

void tell_of_no_memory() {
  const std::terminate_handler before = std::set_terminate(terminate_with_reason);
  if (before != terminate_with_reason) terminate_before = before;
}

void return_free_memory() {
#ifdef __GLIBC__
  ::malloc_trim(0);
#endif
}

}  // namespace bearer::base
