#include "base/cancellation.h"

#include <sys/eventfd.h>

#include <cerrno>
#include <system_error>

namespace bearer::token {

Cancellation::Cancellation() : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (!event_.open()) throw std::system_error(errno, std::generic_category(), "eventfd");
}

void Cancellation::cancel() {
  ::eventfd_write(event_.get(), 1);
}

}  // namespace bearer::token
