// The memory of this process: its limit, by the machine or the container, and what goes back.
#pragma once

#include <cstdint>
#include <string>

namespace bearer::base {

/// In bytes: the lowest of the limits of its control group and those above it (cgroups(7), version
/// 1 or 2), of the machine's memory, and of what its own limits (RLIMIT_AS and RLIMIT_DATA,
/// getrlimit(2)) leave beside what it has mapped by now. `root` is put before /proc and /sys, for a
/// test.
std::uint64_t memory_limit_bytes(const std::string& root = "");

/// From now on, if the program ends because there is no memory left, it says so on stderr first.
/// Called once, before threads start.
void tell_of_no_memory();

/// Gives freed memory back to the system. Call it after work that took much memory for a short
/// time: glibc would keep most of it, because something that lives on lies behind it. It takes some
/// milliseconds, in which other threads may have to wait for memory. Does nothing with another C
/// library. Any thread.
void return_free_memory();

}  // namespace bearer::base
