#include "token/control_loop.h"

#include <cstddef>

namespace bearer::token {
namespace {

/// The number of names that may hang at name servers before another one has to wait.
constexpr std::size_t kLookupsMax = 6;

}  // namespace

ControlLoop::ControlLoop(const base::Clock& clock)
    : loop_(clock),
      resolver_(net::resolve, kLookupsMax),
      reaper_(loop_),
      thread_([this] { loop_.run(); }) {}

ControlLoop::~ControlLoop() {
  loop_.stop();
  thread_.join();
}

}  // namespace bearer::token
