// A connection's bytes, without waiting: an operation does what it can now, and says so if that is
// nothing. The caller waits, on the Sleeper that the stream wakes.
#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "net/loop.h"

namespace bearer::net {

class Pipe;

struct Io {
  enum class Status {
    ok,       ///< `bytes` were moved, at least one
    blocked,  ///< nothing now; the sleeper is woken when a new try is worthwhile, and only then
    ended,    ///< read: the peer has announced the end of its bytes
    failed,   ///< the connection is broken, or ended without the announcement that TLS requires
  };
  Status status;
  std::size_t bytes = 0;

  bool ok() const { return status == Status::ok; }
  bool blocked() const { return status == Status::blocked; }
};

/// Owns its socket. Used on its loop's thread. It is a Watched, though not each stream is watched:
/// a base class more would cost each connection a word.
class Stream : public Watched {
 public:
  void on_events(std::uint32_t /*events*/) override {}

  /// Sets the sleeper that changes wake; null for none. It must outlive the stream or be replaced.
  virtual void set_waiter(Sleeper* sleeper) = 0;

  /// How many bytes of a message that was written to its end have not gone out: the stream keeps
  /// them until its peer takes them, and wakes the sleeper as they go. At least 1 until the end has
  /// gone, and ever after if the connection broke before; 0 while more is to come. Most streams
  /// keep nothing.
  virtual std::size_t unsent() const { return 0; }

  /// False if a read is known to be `blocked` without trying; then the caller need not allocate
  /// room for it.
  virtual bool may_read() const { return true; }
  /// REQUIRES: `into` is not empty.
  virtual Io read(std::span<char> into) = 0;
  /// Writes a beginning of the concatenation of `from`. After `blocked` or a partial write, the
  /// next write must begin with the bytes that were not taken (TLS has already made a record of
  /// them).
  virtual Io write(std::span<const iovec> from) = 0;

  /// Bytes may pass through pipes, without being copied: fill() and drain() are worth a try. May
  /// end, where the kernel turns out to refuse it.
  virtual bool splices() const { return false; }
  /// Moves what has come into `pipe`, `most` bytes of it at most; returns how many. 0: none, and
  /// read() says why. REQUIRES: `pipe` is empty.
  virtual std::size_t fill(Pipe&, std::size_t /*most*/) { return 0; }
  /// Writes a beginning of what is in `pipe`. `blocked` of a stream that does not splice: it has to
  /// be read and written instead. REQUIRES: `pipe` is not empty, and the process ignores SIGPIPE.
  virtual Io drain(Pipe&) { return {Io::Status::blocked}; }

  /// True if the peer has ended its side or the connection broke; there may still be bytes to read.
  virtual bool peer_closed() const = 0;
  /// True if the peer has gone. If it has only ended its sending and still reads, as far as the
  /// kernel knows, it has not. If the kernel does not know, it counts as gone, unless expect_end()
  /// was called.
  virtual bool peer_left(base::Instant) { return peer_closed(); }
  /// When to ask peer_left() again without an event: kNever, except for a peer that only reads.
  virtual base::Instant look_again() const { return base::kNever; }
  /// The peer has asked for its last message, so the end of its bytes does not mean that it left.
  virtual void expect_end() {}
  /// True if nothing has come since the last read, and no end: the connection can carry another
  /// request. With `ask` the kernel is asked; otherwise the loop's events up to this turn count.
  virtual bool quiet(bool ask) = 0;
  /// True if our end's address is the IP literal `host` (an IPv6 one without brackets). Asks the
  /// kernel.
  virtual bool came_in_at(std::string_view) const { return false; }
  /// Our end's port; 0 if it has none. Asks the kernel.
  virtual std::uint16_t own_port() const { return 0; }
  /// No more bytes will be written; the peer sees an end. Reading goes on.
  virtual void shut() = 0;
  /// The last moment at which the peer's certificate is valid; nullopt without TLS.
  virtual std::optional<base::WallTime> certificate_ends() const { return {}; }
  /// True if the TLS handshake chose HTTP/2 (ALPN, RFC 7301).
  virtual bool speaks_h2() const { return false; }
  /// True if the connection is broken and the peer said that it processed nothing that was sent.
  virtual bool unprocessed() const { return false; }
  /// The peer's reason for breaking the connection, as OpenSSL words a TLS alert; empty if none.
  virtual std::string failure() const { return {}; }
  /// Makes closing break the connection (RST), so that the peer cannot take a cut for a whole.
  virtual void reset_on_close() = 0;
};

}  // namespace bearer::net
