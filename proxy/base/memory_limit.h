// The machine, or the container, limits the memory of this process.
#pragma once

#include <cstdint>
#include <string>

namespace bearer::base {

/// In bytes: the least of what its control group and those above it allow (cgroups(7), version 1 or
/// 2), and of what the machine has. `root` stands before /proc and /sys, for a test.
std::uint64_t memory_limit_bytes(const std::string& root = "");

}  // namespace bearer::base
