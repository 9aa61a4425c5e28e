// Writes whole pieces to a stream, and keeps what the stream does not take. It holds memory only
// while the peer is slower than we are, and no more than one piece: writers read on only when the
// outbox is empty.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "net/buffer.h"
#include "net/stream.h"

namespace bearer::net {

class Outbox {
 public:
  bool empty() const { return rest_.empty(); }
  /// Bytes that the stream has taken so far.
  std::uint64_t sent() const { return sent_; }

  /// Writes `parts` to the stream and keeps what it does not take; keeps all of them if something
  /// is already kept. False if the connection is broken.
  bool write(Stream& stream, std::span<const iovec> parts);
  bool write(Stream& stream, std::string_view bytes);
  /// Tries again to write what is kept. False if the connection is broken.
  bool flush(Stream& stream);
  /// Drops what is kept and the count.
  void reset();

 private:
  Buffer rest_;
  std::uint64_t sent_ = 0;
};

/// `bytes` as a part of a gathered write, which only reads it.
inline iovec part(std::string_view bytes) {
  return {.iov_base = const_cast<char*>(bytes.data()), .iov_len = bytes.size()};
}

}  // namespace bearer::net
