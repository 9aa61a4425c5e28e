// The time that a test waits for an event before it says that there was none.
#pragma once

#include <chrono>

namespace bearer::test {

/// Only a test that fails waits so long. What takes a millisecond on an idle machine may take half
/// a minute on one that compiles three other programs.
inline constexpr std::chrono::seconds kPatience{120};

/// The same, for poll(2).
inline constexpr int kPatienceMs = std::chrono::milliseconds(kPatience).count();

}  // namespace bearer::test
