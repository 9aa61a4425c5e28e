// Wakes a coroutine when there is something to read from a descriptor that is no connection: a
// pipe, or a process by its pidfd.
#pragma once

#include <cstdint>

#include "base/descriptor.h"
#include "net/loop.h"

namespace bearer::token {

/// Used on its loop's thread. Watches a duplicate, so that two may watch one descriptor.
class Readable final : private net::Watched {
 public:
  /// Wakes `sleeper`, which outlives this object, at once where something is there: bytes, an end,
  /// or an error. Then once for whatever comes: the caller reads all that is there.
  Readable(net::Sleeper& sleeper, int fd);
  ~Readable() override;
  Readable(const Readable&) = delete;
  Readable& operator=(const Readable&) = delete;

  /// False where the kernel will not watch it, with errno set by the constructor: nobody is woken.
  bool watching() const { return watched_.open(); }

 private:
  void on_events(std::uint32_t events) override;

  net::Sleeper& sleeper_;
  base::Descriptor watched_;
};

}  // namespace bearer::token
