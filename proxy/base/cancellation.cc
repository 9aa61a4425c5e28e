#include "base/cancellation.h"

#include <poll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <system_error>

namespace bearer::token {

Cancellation::Cancellation() : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (!event_.open()) throw std::system_error(errno, std::generic_category(), "eventfd");
}

void Cancellation::cancel() {
  ::eventfd_write(event_.get(), 1);
}

bool Cancellation::wait(base::Duration duration) const {
  const base::Clock& clock = base::system_clock();
  const base::Instant deadline = base::after(clock.now(), duration);
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - clock.now());
    if (left.count() <= 0) return true;
    constexpr std::int64_t kSliceMs = 1000;  // CLOCK_BOOTTIME advances while poll() stands still
    pollfd asked{.fd = event_.get(), .events = POLLIN, .revents = 0};
    if (::poll(&asked, 1, static_cast<int>(std::min(left.count(), kSliceMs))) > 0) return false;
  }
}

}  // namespace bearer::token
