// One end of a connection to this machine, byte by byte and blocking. What does not come within the
// watchdog's time throws: that ends a broken test, nothing else waits for it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "tests/support/reserved_port.h"

namespace bearer::test {

class RawSocket {
 public:
  enum class End { closed, reset };

  /// Connected to loopback; a receive buffer of 0 bytes means the system's own size.
  static RawSocket connect(std::uint16_t port, int receive_buffer_bytes = 0);
  /// Connected to a unix socket.
  static RawSocket connect_to_path(const std::string& path);
  explicit RawSocket(int fd);  ///< takes it, connected
  RawSocket(RawSocket&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)), read_(std::move(other.read_)) {}
  RawSocket& operator=(RawSocket&& other) noexcept;
  ~RawSocket() { close(); }

  /// Throws if the peer is gone.
  void send(std::string_view bytes);
  /// False if the peer is gone.
  bool try_send(std::string_view bytes);
  /// Sends until the peer takes no more, for now or for ever; returns how much that was.
  std::size_t fill(std::size_t bytes_max);
  /// Bytes that were sent, and that the peer's side of the kernel has no room for yet.
  std::size_t pending() const;

  /// Up to and with `mark`. Throws if the connection ends before.
  std::string read_until(std::string_view mark);
  std::string read_bytes(std::size_t count);
  /// All up to the peer's orderly end. Throws on a reset.
  std::string read_to_end();
  /// Reads and forgets until the connection ends, and says how.
  End await_end();
  /// True if there is nothing to read now, nor an end.
  bool quiet();

  void half_close();
  void close();
  void reset();  ///< closes with RST

 private:
  bool read_more();  ///< false at the end; throws on a reset

  int fd_;
  std::string read_;  ///< and not asked for yet
};

/// A socket that listens on a free loopback port. Nobody is answered before accept().
class RawListener {
 public:
  /// Once more than `backlog` wait for accept(), the kernel leaves connects without an answer.
  explicit RawListener(int backlog = 1024);
  ~RawListener();
  RawListener(const RawListener&) = delete;
  RawListener& operator=(const RawListener&) = delete;

  std::uint16_t port() const { return port_; }
  int fd() const { return fd_; }
  RawSocket accept();
  /// True if nobody has connected who was not accepted yet.
  bool quiet();
  /// From now on connections are refused; nobody else is given the port.
  void close();

 private:
  int fd_;
  std::uint16_t port_ = 0;
  std::optional<ReservedPort> kept_;  ///< once closed
};

}  // namespace bearer::test
