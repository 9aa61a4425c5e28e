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
  /// Wakes `sleeper`, which outlives this object, at once if there are bytes, an end or an error.
  /// Then it wakes it once for whatever comes, so the caller reads all that is there.
  Readable(net::Sleeper& sleeper, int fd);
  ~Readable() override;
  Readable(const Readable&) = delete;
  Readable& operator=(const Readable&) = delete;

  /// False if the kernel will not watch it, so nobody is woken. The constructor has set errno.
  bool watching() const { return watched_.open(); }

 private:
  void on_events(std::uint32_t events) override;

  net::Sleeper& sleeper_;
  base::Descriptor watched_;
};

}  // namespace bearer::token
