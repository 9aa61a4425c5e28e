#include "base/free_memory.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <cstddef>
#include <fstream>
#include <memory>
#include <vector>

using namespace bearer;

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
