// Reads and drops what a client still sends after its answer. Many clients read their answer only
// after they have sent all of their request. If we closed before, the kernel would reset the
// connection and discard the answer (RFC 9112 section 9.6).
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>

#include "base/clock.h"
#include "net/loop.h"
#include "net/stream.h"
#include "net/task.h"

namespace bearer::wire {

/// Limits how long we read from a client that has its answer.
class Patience {
 public:
  struct Limits {
    std::chrono::seconds time_max;
    std::chrono::seconds silence_max;
    std::uint64_t bytes_max = std::numeric_limits<std::uint64_t>::max();
  };
  Patience(const net::Loop& loop, Limits limits)
      : loop_(loop),
        limits_(limits),
        ends_(base::after(loop.now(), limits.time_max)),
        heard_(loop.now()) {}

  void heard(std::size_t bytes) {
    heard_ = loop_.now();
    bytes_ += bytes;
  }
  /// Makes it end after `time` at the latest.
  void shorten(std::chrono::seconds time) {
    ends_ = std::min(ends_, base::after(loop_.now(), time));
  }
  /// When it ends, unless more bytes come.
  base::Instant ends() const { return std::min(ends_, base::after(heard_, limits_.silence_max)); }
  /// Call it after a read: bytes that have come by now end the silence.
  bool over() const { return loop_.now() >= ends() || bytes_ > limits_.bytes_max; }

 private:
  const net::Loop& loop_;
  const Limits limits_;
  base::Instant ends_;
  base::Instant heard_;
  std::uint64_t bytes_ = 0;
};

/// Ends our side of a connection on which the client may still be sending, and waits for its end.
/// `piece` is the memory for what comes; when it was filled once, the loop's other clients have
/// their turn. `patience` is a Patience or has its heard(), ends() and over(). All arguments
/// outlive the task.
template <typename P>
net::Task<void> linger(net::Stream& stream, net::Sleeper& sleeper, std::span<char> piece,
                       P& patience) {
  stream.shut();
  for (;;) {
    const net::Io io = stream.read(piece);
    if (!io.ok() && !io.blocked()) co_return;
    if (io.ok()) patience.heard(io.bytes);
    if (patience.over()) co_return;
    if (io.ok()) sleeper.wake();
    co_await sleeper.sleep(patience.ends());
  }
}

}  // namespace bearer::wire
