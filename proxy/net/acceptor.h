// Takes clients from a listening socket, which several loops may share.
#pragma once

#include <cstdint>

#include "net/loop.h"

namespace bearer::net {

class Acceptor final : private Watched {
 public:
  enum class Status {
    ok,
    blocked,  ///< nobody is waiting; the sleeper is woken when somebody comes
    failed,   ///< the system refuses, mostly for want of descriptors: only time helps
  };
  struct Accepted {
    Status status;
    int fd = -1;    ///< of ok: non-blocking; the caller's
    int error = 0;  ///< of failed: the errno
  };

  /// Neither `listening_fd` nor `sleeper` is owned; both outlive this object. Throws
  /// std::system_error if the loop cannot watch the socket.
  Acceptor(Loop& loop, int listening_fd, Sleeper& sleeper);
  ~Acceptor() override;

  Accepted accept();
  /// Whether accept() would take somebody. Asks the kernel.
  bool somebody_waits() const;

 private:
  void on_events(std::uint32_t events) override;

  Loop& loop_;
  const int fd_;
  Sleeper& sleeper_;
};

}  // namespace bearer::net
