// A stream on a TCP socket.
#pragma once

#include <cstdint>
#include <memory>

#include "net/loop.h"
#include "net/stream.h"

namespace bearer::net {

class TcpStream final : public Stream {
 public:
  /// Takes `fd`, connected or connecting, non-blocking. Null if the loop cannot watch it; `fd` is
  /// closed then. The loop outlives it.
  static std::unique_ptr<TcpStream> open(Loop& loop, int fd);
  ~TcpStream() override;

  void set_waiter(Sleeper* sleeper) override { sleeper_ = sleeper; }
  bool may_read() const override { return readable_ || broken_; }
  Io read(std::span<char> into) override;
  Io write(std::span<const iovec> from) override;
  bool splices() const override { return splices_; }
  std::size_t fill(Pipe& pipe, std::size_t most) override;
  Io drain(Pipe& pipe) override;
  bool peer_closed() const override { return hung_up_; }
  bool peer_left(base::Instant now) override {
    return hung_up_ && (gone_ || (now >= look_again_ && !still_reads(now)));
  }
  base::Instant look_again() const override { return hung_up_ ? look_again_ : base::kNever; }
  void expect_end() override { end_expected_ = true; }
  bool quiet(bool ask) override;
  bool came_in_at(std::string_view host) const override;
  std::uint16_t own_port() const override;
  void shut() override;
  void reset_on_close() override;

  /// True once a connecting socket is connected or has failed; connect_error() says which.
  bool connect_ended() const { return writable_; }
  /// 0, or the errno of the failed connect.
  int connect_error() const;

 private:
  TcpStream(Loop& loop, int fd) : loop_(loop), fd_(fd) {}
  void on_events(std::uint32_t events) override;
  /// True if a peer that has ended its sending still reads.
  bool still_reads(base::Instant now);

  void all_read();
  void listen_for(bool bytes);

  Loop& loop_;
  Sleeper* sleeper_ = nullptr;
  base::Instant look_again_{};
  const int fd_;
  // Bit-fields, because there are as many of these as connections. They hold what the loop has
  // heard and no read or write has disproved, which saves the calls that would fail.
  bool readable_ : 1 = false;
  bool deaf_ : 1 = false;  // bytes that come raise no event: others wait to be read
  bool writable_ : 1 = false;
  bool hung_up_ : 1 = false;
  bool gone_ : 1 = false;  // it neither sends nor reads
  bool end_expected_ : 1 = false;
  bool broken_ : 1 = false;  // fill() got the error, and the kernel reports it only once
  bool splices_ : 1 = true;
};

}  // namespace bearer::net
