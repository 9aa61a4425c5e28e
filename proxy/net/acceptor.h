// Accepts clients from a listening socket, which several loops may share.
#pragma once

#include <cstdint>

#include "net/loop.h"

namespace bearer::net {

class Acceptor final : private Watched {
 public:
  enum class Status {
    ok,
    blocked,  ///< nobody is waiting; the sleeper is woken when a client comes
    failed,   ///< the system refuses, mostly for lack of descriptors: only time helps
  };
  struct Accepted {
    Status status;
    int fd = -1;    ///< with ok: non-blocking; the caller owns it
    int error = 0;  ///< with failed: the errno
  };

  /// Neither `listening_fd` nor `sleeper` is owned; both outlive this object. Throws
  /// std::system_error if the loop cannot watch the socket.
  Acceptor(Loop& loop, int listening_fd, Sleeper& sleeper);
  ~Acceptor() override;

  Accepted accept();
  /// True if accept() would accept a client. Asks the kernel.
  bool somebody_waits() const;

 private:
  void on_events(std::uint32_t events) override;

  Loop& loop_;
  const int fd_;
  Sleeper& sleeper_;
};

}  // namespace bearer::net
