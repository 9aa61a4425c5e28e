// Finds the limit on this process's memory, by the machine or the container.
#pragma once

#include <cstdint>
#include <string>

namespace bearer::base {

/// In bytes: the lowest of the limits of its control group and those above it (cgroups(7), version
/// 1 or 2), and of the machine's memory. `root` is put before /proc and /sys, for a test.
std::uint64_t memory_limit_bytes(const std::string& root = "");

}  // namespace bearer::base
