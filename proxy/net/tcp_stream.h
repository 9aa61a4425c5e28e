// A stream on a TCP socket.
#pragma once

#include <cstdint>
#include <memory>

#include "net/loop.h"
#include "net/stream.h"

namespace bearer::net {

class TcpStream final : public Stream, private Watched {
 public:
  /// Takes over `fd`, which is connected or connecting, and non-blocking. Null if the loop cannot
  /// watch it; `fd` is closed then.
  static std::unique_ptr<TcpStream> open(Loop& loop, int fd);
  ~TcpStream() override;

  void set_waiter(Sleeper* sleeper) override { sleeper_ = sleeper; }
  bool may_read() const override { return readable_; }
  Io read(std::span<char> into) override;
  Io write(std::span<const iovec> from) override;
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
  explicit TcpStream(int fd) : fd_(fd) {}
  void on_events(std::uint32_t events) override;
  /// True if a peer that has ended its sending still reads.
  bool still_reads(base::Instant now);

  const int fd_;
  Sleeper* sleeper_ = nullptr;
  // From the loop's events, unless a read or a write has disproved it. Saves calls that would fail.
  bool readable_ = false;
  bool writable_ = false;
  bool hung_up_ = false;
  bool gone_ = false;  // it neither sends nor reads
  bool end_expected_ = false;
  base::Instant look_again_{};
};

}  // namespace bearer::net
