// A Stream without a socket: what it gives, what it takes and how it ends is the test's to say.
#pragma once

#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <deque>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "net/loop.h"
#include "net/pipe.h"
#include "net/stream.h"

namespace bearer::test {

class ScriptedStream final : public net::Stream {
 public:
  using Status = net::Io::Status;
  static constexpr std::size_t kUnlimited = static_cast<std::size_t>(-1);

  ScriptedStream() = default;
  /// `closed` is set by the destructor.
  explicit ScriptedStream(bool& closed) : closed_(&closed) {}
  ~ScriptedStream() override {
    if (closed_) *closed_ = true;
  }

  // The script. Each change wakes whom the stream wakes, as an event would.

  /// Comes as one segment: a read never gives bytes of two.
  void give(std::string_view bytes) {
    if (!bytes.empty()) segments_.emplace_back(bytes);
    wake();
  }
  /// A read says this once all segments are read: `blocked`, `ended` or `failed`.
  void then(Status status) {
    after_ = status;
    hung_up_ = status != Status::blocked;
    wake();
  }
  /// Takes so many more bytes, then blocks.
  void take_only(std::size_t bytes) {
    room_ = bytes;
    wake();
  }
  void fail_writes() {
    writes_fail_ = true;
    wake();
  }

  /// Bytes may pass through pipes, from or to it.
  void splice() { splices_ = true; }
  /// From now on they may not, as the kernel finds out when it is asked.
  void refuse_pipes() { refuses_pipes_ = true; }

  // The record.

  const std::string& written() const { return written_; }
  std::string take_written() { return std::exchange(written_, {}); }
  std::size_t largest_read() const { return largest_read_; }
  int reads() const { return reads_; }
  int writes() const { return writes_; }
  /// Bytes that came from it, or went to it, through pipes.
  std::size_t filled() const { return filled_; }
  std::size_t drained() const { return drained_; }
  bool unlimited() const { return room_ == kUnlimited && !writes_fail_; }
  bool shut_down() const { return shut_; }
  bool breaks_on_close() const { return breaks_; }
  bool asked_kernel() const { return asked_; }

  // Stream.

  void set_waiter(net::Sleeper* sleeper) override { sleeper_ = sleeper; }
  net::Io read(std::span<char> into) override {
    ++reads_;
    largest_read_ = std::max(largest_read_, into.size());
    if (segments_.empty()) return {after_};
    std::string& segment = segments_.front();
    const std::size_t bytes = segment.copy(into.data(), into.size());
    segment.erase(0, bytes);
    if (segment.empty()) segments_.pop_front();
    return {Status::ok, bytes};
  }
  net::Io write(std::span<const iovec> from) override {
    ++writes_;
    if (writes_fail_) return {Status::failed};
    std::size_t whole = 0;
    for (const iovec& part : from) {
      const std::size_t bytes = std::min(part.iov_len, room_);
      written_.append(static_cast<const char*>(part.iov_base), bytes);
      if (room_ != kUnlimited) room_ -= bytes;
      whole += bytes;
    }
    return whole > 0 ? net::Io{Status::ok, whole} : net::Io{Status::blocked};
  }
  bool splices() const override { return splices_; }
  std::size_t fill(net::Pipe& pipe, std::size_t most) override {
    if (refuses_pipes_) splices_ = false;
    if (!splices_ || segments_.empty()) return 0;
    std::string& segment = segments_.front();
    const ssize_t bytes = ::write(pipe.in(), segment.data(), std::min(most, segment.size()));
    if (bytes <= 0) throw std::runtime_error("the pipe takes nothing");
    segment.erase(0, static_cast<std::size_t>(bytes));
    if (segment.empty()) segments_.pop_front();
    pipe.filled(static_cast<std::size_t>(bytes));
    filled_ += static_cast<std::size_t>(bytes);
    return static_cast<std::size_t>(bytes);
  }
  net::Io drain(net::Pipe& pipe) override {
    if (refuses_pipes_) splices_ = false;
    if (writes_fail_) return {Status::failed};
    const std::size_t most = std::min(pipe.bytes(), room_);
    if (!splices_ || most == 0) return {Status::blocked};
    std::string bytes(most, '\0');
    if (::read(pipe.out(), bytes.data(), most) != static_cast<ssize_t>(most)) {
      throw std::runtime_error("the pipe holds less than it says");
    }
    pipe.drained(most);
    written_ += bytes;
    drained_ += most;
    if (room_ != kUnlimited) room_ -= most;
    return {Status::ok, most};
  }
  bool peer_closed() const override { return hung_up_; }
  bool quiet(bool ask) override {
    asked_ = asked_ || ask;
    return segments_.empty() && after_ == Status::blocked;
  }
  void shut() override { shut_ = true; }
  void reset_on_close() override { breaks_ = true; }

 private:
  void wake() {
    if (sleeper_) sleeper_->wake();
  }

  bool* closed_ = nullptr;
  net::Sleeper* sleeper_ = nullptr;
  std::deque<std::string> segments_;
  Status after_ = Status::blocked;
  std::size_t room_ = kUnlimited;
  std::string written_;
  std::size_t largest_read_ = 0;
  int reads_ = 0, writes_ = 0;
  bool hung_up_ = false, writes_fail_ = false;
  bool shut_ = false, breaks_ = false, asked_ = false;
  bool splices_ = false, refuses_pipes_ = false;
  std::size_t filled_ = 0, drained_ = 0;
};

}  // namespace bearer::test
