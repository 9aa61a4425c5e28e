#include "base/memory_limit.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "tests/support/temporary_directory.h"

using namespace bearer;

namespace {

/// A file system as a kernel shows it.
struct Kernel {
  void says(const std::string& path, const std::string& text) const {
    const std::filesystem::path file = directory.path("root" + path);
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text << "\n";
  }
  std::uint64_t limit() const { return base::memory_limit_bytes(directory.path("root")); }

  const test::TemporaryDirectory directory;
};

const std::uint64_t kMachine =
    static_cast<std::uint64_t>(sysconf(_SC_PHYS_PAGES)) * static_cast<unsigned>(getpagesize());

}  // namespace

TEST_CASE_FIXTURE(Kernel, "without a control group the machine is the limit") {
  CHECK(limit() == kMachine);
  says("/proc/self/cgroup", "0::/");
  CHECK(limit() == kMachine);
}

TEST_CASE_FIXTURE(Kernel, "the least of a group and those above it counts") {
  says("/proc/self/cgroup", "0::/user.slice/job.scope");
  says("/sys/fs/cgroup/user.slice/job.scope/memory.max", "max");
  CHECK(limit() == kMachine);
  says("/sys/fs/cgroup/user.slice/memory.max", "67108864");
  CHECK(limit() == 67108864);
  says("/sys/fs/cgroup/user.slice/job.scope/memory.max", "33554432");
  CHECK(limit() == 33554432);
}

TEST_CASE_FIXTURE(Kernel, "a container that sees its group as the root reads it there") {
  says("/proc/self/cgroup", "0::/../../docker/abc");
  says("/sys/fs/cgroup/memory.max", "50000000");
  CHECK(limit() == 50000000);
}

TEST_CASE_FIXTURE(Kernel, "groups of version 1 are read, whose number for no limit is huge") {
  says("/proc/self/cgroup", "5:cpu,cpuacct:/a\n4:memory:/box\n0::/");
  says("/sys/fs/cgroup/memory/box/memory.limit_in_bytes", "9223372036854771712");
  CHECK(limit() == kMachine);
  says("/sys/fs/cgroup/memory/box/memory.limit_in_bytes", "70000000");
  CHECK(limit() == 70000000);
}
