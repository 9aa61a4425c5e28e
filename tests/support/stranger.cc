#include "tests/support/stranger.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <system_error>

#include "tests/support/patience.h"

extern "C" {  // glibc 2.36 forgot to say so itself
#include <sys/pidfd.h>
}

namespace bearer::test {

pid_t number_in(const std::string& path) {
  pid_t number = 0;
  std::ifstream(path) >> number;
  return number;
}

Stranger::Stranger(pid_t pid) : pid_(pid), process_(pidfd_open(pid, 0)) {
  if (process_ < 0 && errno != ESRCH) {
    throw std::system_error(errno, std::generic_category(), "pidfd_open");
  }
}

Stranger::~Stranger() {
  if (process_ >= 0) close(process_);
}

bool Stranger::await_end() const {
  pollfd watched{process_, POLLIN, 0};
  return process_ < 0 || poll(&watched, 1, kPatienceMs) == 1;
}

}  // namespace bearer::test
