// Writes whole pieces to a stream, and keeps what the stream does not take. It holds memory only
// while the peer is slower than we are, and no more than one piece: writers read on only when the
// outbox is empty.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "net/buffer.h"
#include "net/pipe.h"
#include "net/stream.h"

namespace bearer::net {

class Outbox {
 public:
  bool empty() const { return rest_.empty() && !pipe_; }
  /// Bytes that the stream has taken so far.
  std::uint64_t sent() const { return sent_; }

  /// Writes `parts` to the stream and keeps what it does not take; keeps all of them if something
  /// is already kept. False if the connection is broken.
  bool write(Stream& stream, std::span<const iovec> parts);
  bool write(Stream& stream, std::string_view bytes);
  /// Puts what has come from `from` into the outbox without copying it, at most `most` bytes;
  /// flush() writes it. Returns how many bytes. 0 if there are none or it cannot be done: then read
  /// and write them instead. REQUIRES: empty(). `pool` outlives the outbox.
  std::size_t fill(Stream& from, PipePool& pool, std::size_t most);
  /// Tries again to write what is kept. False if the connection is broken.
  bool flush(Stream& stream);
  /// Drops what is kept and the count.
  void reset();

 private:
  bool drain(Stream& stream);
  bool unpipe();

  PipeLease pipe_;  // may be null; its bytes go before those of rest_
  Buffer rest_;
  std::uint64_t sent_ = 0;
};

/// `bytes` as a part of a gathered write, which only reads it.
inline iovec part(std::string_view bytes) {
  return {.iov_base = const_cast<char*>(bytes.data()), .iov_len = bytes.size()};
}

}  // namespace bearer::net
