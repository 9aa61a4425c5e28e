// The memory of this process: its limit, by the machine or the container, and what goes back.
#pragma once

#include <cstdint>
#include <string>

namespace bearer::base {

/// In bytes: the lowest of the limits of its control group and those above it (cgroups(7), version
/// 1 or 2), and of the machine's memory. `root` is put before /proc and /sys, for a test.
std::uint64_t memory_limit_bytes(const std::string& root = "");

/// Gives freed memory back to the system. Call it after work that took much memory for a short
/// time: glibc would keep most of it, because something that lives on lies behind it. It takes some
/// milliseconds, in which other threads may have to wait for memory. Does nothing with another C
/// library. Any thread.
void return_free_memory();

}  // namespace bearer::base
