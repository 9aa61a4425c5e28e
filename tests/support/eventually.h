// A wait for what nothing tells of, so that only asking again and again shows it.
#pragma once

#include <chrono>
#include <thread>

namespace bearer::test {

/// True once `holds()` does; false if that is not within 30 s.
template <typename Condition>
bool eventually(Condition holds) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (!holds()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

}  // namespace bearer::test
