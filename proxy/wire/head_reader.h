// Reads the head of a client's next request, for the proxy and the admin port alike.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string_view>

#include "base/clock.h"
#include "http/head_fault.h"
#include "http/head_scanner.h"
#include "net/buffer.h"
#include "net/loop.h"
#include "net/stream.h"

namespace bearer::wire {

/// Reads one head without waiting. The caller sleeps until deadline(), or until the stream wakes
/// it, and calls look() again.
class HeadReader {
 public:
  struct Limits {
    std::chrono::seconds idle_max;  ///< until the first byte
    std::chrono::seconds head_max;  ///< from there to the last one
  };
  enum class Status : std::uint8_t {
    here,    ///< fault() says whether it is valid
    coming,  ///< more bytes are needed
    late,    ///< the same, but the deadline has passed
    ended,   ///< the stream has ended
  };

  HeadReader(const net::Loop& loop, Limits limits)
      : loop_(loop), deadline_(loop.now() + limits.idle_max), head_max_(limits.head_max) {}

  /// Reads the bytes that have come into `in`, which holds no memory before the first. REQUIRES: no
  /// call returned `here` or `ended` yet, and `in` is the same each time.
  Status look(net::Stream& stream, net::Buffer& in);

  /// True if the head's first byte has come. A lone CR LF is none.
  bool begun() const { return begun_; }
  const base::Instant& deadline() const { return deadline_; }
  /// Makes the deadline no later than `time` from now.
  void shorten(std::chrono::seconds time) { deadline_ = std::min(deadline_, loop_.now() + time); }

  // After `here`:
  http::HeadFault fault() const { return http::HeadScanner::fault(scan_); }
  /// The places in `in` where the head begins and ends.
  std::size_t begin() const { return scanner_.begin(); }
  std::size_t end() const { return scanner_.begin() + scanner_.length(); }
  /// The head within `in`, which may have moved.
  std::string_view head(const net::Buffer& in) const {
    return in.bytes().substr(begin(), scanner_.length());
  }

 private:
  const net::Loop& loop_;
  base::Instant deadline_;
  http::HeadScanner scanner_{http::HeadScanner::Kind::request};
  const std::chrono::duration<std::int32_t> head_max_;
  http::HeadScanner::Status scan_ = http::HeadScanner::Status::incomplete;
  bool begun_ = false;
};

}  // namespace bearer::wire
