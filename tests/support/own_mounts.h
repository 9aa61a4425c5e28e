// A part of a test that mounts things where nobody else sees them.
#pragma once

#include <sched.h>
#include <sys/mount.h>

#include <stdexcept>
#include <string>
#include <thread>

namespace bearer::test {

/// Runs `work` on a thread with mounts of its own, which end with it. False, without running it, if
/// the kernel does not let this process do so. What `work` throws ends the program.
template <typename Work>
[[nodiscard]] bool with_own_mounts(Work work) {
  bool may = false;
  std::thread thread([&] {
    if (::unshare(CLONE_NEWNS) != 0) return;
    if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return;
    may = true;
    work();
  });
  thread.join();
  return may;
}

/// Mounts `from` on `to`, both of which are there; `flags` as MS_RDONLY.
inline void bind_mount(const std::string& from, const std::string& to, unsigned long flags = 0) {
  const bool bound = ::mount(from.c_str(), to.c_str(), nullptr, MS_BIND, nullptr) == 0;
  if (!bound || (flags != 0 && ::mount(nullptr, to.c_str(), nullptr, MS_REMOUNT | MS_BIND | flags,
                                       nullptr) != 0)) {
    throw std::runtime_error("cannot mount on " + to);
  }
}

}  // namespace bearer::test
