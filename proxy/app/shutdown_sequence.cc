#include "app/shutdown_sequence.h"

#include <chrono>

namespace bearer::app {

ShutdownSequence::Step ShutdownSequence::next(base::Instant now) {
  // timeout(1) signals the program and then its whole group, which reaches the program again.
  constexpr std::chrono::milliseconds kSaidTwice{100};
  if (!began_) {
    began_ = now;
    return Step::drain;
  }
  return now - *began_ < kSaidTwice ? Step::nothing : Step::cut;
}

}  // namespace bearer::app
