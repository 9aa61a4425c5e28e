#pragma once

#include <stdexcept>
#include <string>

namespace bearer::test {

/// Throws std::runtime_error with `what` where a double could not be made.
inline void require(bool made, const std::string& what) {
  if (!made) throw std::runtime_error("could not make for a test: " + what);
}

}  // namespace bearer::test
