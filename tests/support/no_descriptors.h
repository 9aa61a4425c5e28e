// A process that has no file descriptor left.
#pragma once

#include <sys/resource.h>
#include <unistd.h>

#include <stdexcept>

namespace bearer::test {

/// None can be had as long as it lives.
class NoDescriptors {
 public:
  NoDescriptors() {
    const int next = dup(0);
    close(next);
    if (getrlimit(RLIMIT_NOFILE, &before_) != 0 ||
        !set({static_cast<rlim_t>(next), before_.rlim_max})) {
      throw std::runtime_error("the limit of descriptors cannot be set");
    }
  }
  ~NoDescriptors() { set(before_); }
  NoDescriptors(const NoDescriptors&) = delete;
  NoDescriptors& operator=(const NoDescriptors&) = delete;

 private:
  static bool set(const rlimit& limit) { return setrlimit(RLIMIT_NOFILE, &limit) == 0; }

  rlimit before_{};
};

}  // namespace bearer::test
