// A process that is killed with SIGKILL at a system call of its own: at every moment at which what
// others see of it can change.
#pragma once

#include <functional>

namespace bearer::test {

/// Runs `work` in a child process and kills it at its `stop`-th stop, counted from 0: each system
/// call has one before it begins and one after its end. False if `work` ended before that.
/// Throws std::runtime_error where processes cannot be traced. REQUIRES: this process has one
/// thread.
bool killed_at(int stop, const std::function<void()>& work);

}  // namespace bearer::test
