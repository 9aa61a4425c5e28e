// A Stream without a socket: what it gives, what it takes and how it ends is the test's to say.
#pragma once

#include <algorithm>
#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <utility>

#include "net/loop.h"
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

  // The record.

  const std::string& written() const { return written_; }
  std::string take_written() { return std::exchange(written_, {}); }
  std::size_t largest_read() const { return largest_read_; }
  int reads() const { return reads_; }
  int writes() const { return writes_; }
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
};

}  // namespace bearer::test
