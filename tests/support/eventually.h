// A wait for what nothing tells of, so that only asking again and again shows it.
#pragma once

#include <chrono>
#include <thread>

#include "tests/support/patience.h"

namespace bearer::test {

/// True once `holds()` does; false if that is not within kPatience.
template <typename Condition>
bool eventually(Condition holds) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

}  // namespace bearer::test
