#include "base/memory.h"

#include <doctest/doctest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

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

/// What is mapped by now, by a field of statm.
rlim_t mapped_bytes(int field) {
  std::ifstream statm("/proc/self/statm");
  rlim_t pages = 0;
  for (int i = 0; i <= field; ++i) statm >> pages;
  return pages * static_cast<unsigned>(getpagesize());
}

}  // namespace

TEST_CASE_FIXTURE(Kernel, "without a control group the machine is the limit") {
  CHECK(limit() == kMachine);
  says("/proc/self/cgroup", "0::/");
  CHECK(limit() == kMachine);
}

TEST_CASE_FIXTURE(Kernel, "a limit of the process itself counts, less what it has mapped") {
  constexpr rlim_t kSpare = 48u << 20;
  for (const auto& [resource, mapped] :
       {std::pair(RLIMIT_AS, mapped_bytes(0)), std::pair(RLIMIT_DATA, mapped_bytes(5))}) {
    rlimit before{};
    REQUIRE(getrlimit(resource, &before) == 0);
    const rlimit little{mapped + kSpare, before.rlim_max};
    REQUIRE(setrlimit(resource, &little) == 0);
    const std::uint64_t left = limit();
    setrlimit(resource, &before);
    CHECK(left > kSpare / 2);
    CHECK(left < 2 * kSpare);
    CHECK(limit() == kMachine);
  }
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

TEST_CASE_FIXTURE(Kernel, "however many groups there are, the one that limits memory is found") {
  std::string groups;
  for (int i = 500; i > 0; --i) groups += std::to_string(i) + ":name=other:/elsewhere\n";
  says("/proc/self/cgroup", groups + "0::/job.scope");
  says("/sys/fs/cgroup/job.scope/memory.max", "40000000");
  CHECK(limit() == 40000000);
}

// A sanitizer has an allocator of its own.
#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

namespace {

std::size_t resident_bytes() {
  std::size_t all = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> all >> resident;
  return resident * static_cast<std::size_t>(getpagesize());
}

}  // namespace

TEST_CASE("memory that was freed before what lives on goes back to the system") {
  constexpr std::size_t kBlock = 1000, kBlocks = 32'000, kFreed = 24 << 20;
  std::vector<std::unique_ptr<char[]>> blocks;
  for (std::size_t i = 0; i < kBlocks; ++i) {
    blocks.push_back(std::make_unique<char[]>(kBlock));  // zeroed, so that it is resident
  }
  const std::unique_ptr<char[]> last = std::move(blocks.back());
  const std::size_t before = resident_bytes();
  blocks.clear();
  base::return_free_memory();
  CHECK(resident_bytes() + kFreed < before);
  CHECK(last[0] == 0);
}

#endif
