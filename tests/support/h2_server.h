// A server of HTTP/2 that a test plays, frame by frame, for a client's connection and its streams.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "net/loop.h"
#include "net/outbox.h"
#include "net/task.h"
#include "tests/support/h2_frames.h"
#include "tests/support/owned_loop.h"
#include "tests/support/wire.h"
#include "wire/h2/client_connection.h"
#include "wire/h2/client_stream.h"

namespace bearer::test {

/// A connection whose server the test plays, frame by frame.
class H2Server {
 public:
  explicit H2Server(const std::map<std::uint16_t, std::uint32_t>& settings = {})
      : connection_(
            std::make_shared<wire::h2::ClientConnection>(owned_.loop(), proxy_end(wire_), false)) {
    waiter_.start();
    hear();
    say(h2::settings(settings) + h2::frame(h2::kSettings, h2::kAck, 0));
  }

  wire::h2::ClientConnection& connection() { return *connection_; }
  const H2Reader& heard() const { return reader_; }
  /// The number of times that the waiter of the streams was woken.
  int woken() const { return woken_; }
  const H2Reader::Stream& on(std::uint32_t stream) { return reader_.stream(stream); }

  std::unique_ptr<wire::h2::ClientStream> open() {
    auto stream = std::make_unique<wire::h2::ClientStream>(connection_);
    stream->set_waiter(&sleeper_);
    return stream;
  }
  /// A stream whose request was sent.
  std::unique_ptr<wire::h2::ClientStream> ask(std::string_view method = "GET") {
    auto stream = open();
    write(*stream, std::string(method) + " /x HTTP/1.1\r\nHost: api.example.com\r\n\r\n");
    return stream;
  }

  void say(std::string_view frames) {
    wire_->give(frames);
    hear();
  }
  /// These are the last frames, and the server breaks off behind them.
  void say_last(std::string_view frames) {
    wire_->give(frames);
    break_off();
  }
  void advance(base::Duration time) {
    owned_.advance(time);
    hear();
  }
  void break_off() {
    wire_->break_off();
    hear();
  }
  std::size_t write(wire::h2::ClientStream& stream, std::string_view bytes) {
    const iovec parts[] = {net::part(bytes)};
    const net::Io io = stream.write(parts);
    hear();
    return io.ok() ? io.bytes : 0;
  }

 private:
  static constexpr std::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

  void hear() {
    for (int turn = 0; turn < 3; ++turn) owned_.turn();
    std::string bytes = wire_->stream.take_written();
    if (!greeted_ && bytes.starts_with(kPreface)) {
      greeted_ = true;
      bytes.erase(0, kPreface.size());
    }
    reader_.feed(bytes);
  }

  net::Task<void> count_wakes() {
    for (;; ++woken_) co_await sleeper_.sleep(base::kNever);
  }

  OwnedLoop owned_;
  net::Sleeper sleeper_{owned_.loop()};
  int woken_ = 0;
  net::Task<void> waiter_ = count_wakes();
  std::shared_ptr<Wire> wire_ = std::make_shared<Wire>();
  H2Reader reader_;
  bool greeted_ = false;
  std::shared_ptr<wire::h2::ClientConnection> connection_;
};

struct Heard {
  std::string bytes;
  net::Io::Status end;
};

inline Heard read_all(wire::h2::ClientStream& stream, std::size_t at_once = 4096) {
  Heard heard;
  std::vector<char> room(at_once);
  for (;;) {
    const net::Io io = stream.read(room);
    heard.end = io.status;
    if (!io.ok()) return heard;
    heard.bytes.append(room.data(), io.bytes);
  }
}

}  // namespace bearer::test
