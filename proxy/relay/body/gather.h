// Runs of a body's data, in order, and the lines around them, for one gathered write.
#pragma once

#include <array>
#include <cassert>
#include <cstddef>
#include <initializer_list>
#include <span>
#include <string_view>

#include "net/outbox.h"

namespace bearer::relay {

/// Holds views: of data into a loop's scratch, valid until the coroutine sleeps.
class Gather {
 public:
  Gather() {}  // the parts are written before they are read

  bool full() const { return end_ == kDataEnd; }
  bool empty() const { return end_ == kDataBegin; }
  std::size_t bytes() const { return bytes_; }
  /// REQUIRES: !full() and `data` is not empty.
  void add(std::string_view data) {
    assert(!full());
    parts_[end_++] = net::part(data);
    bytes_ += data.size();
  }
  std::span<const iovec> data() const { return {parts_.data() + kDataBegin, end_ - kDataBegin}; }

  /// The data with lines before and behind it, without empty lines. Ends what add() began.
  std::span<const iovec> between(std::span<const std::string_view> before,
                                 std::initializer_list<std::string_view> behind) {
    std::size_t begin = kDataBegin;
    for (std::size_t i = before.size(); i > 0; --i) {
      if (!before[i - 1].empty()) parts_[--begin] = net::part(before[i - 1]);
    }
    std::size_t end = end_;
    for (const std::string_view line : behind) {
      if (!line.empty()) parts_[end++] = net::part(line);
    }
    return {parts_.data() + begin, end - begin};
  }

  static constexpr std::size_t kLinesMax = 10;  ///< on either side

 private:
  static constexpr std::size_t kDataMax = 32;
  static constexpr std::size_t kDataBegin = kLinesMax;
  static constexpr std::size_t kDataEnd = kDataBegin + kDataMax;

  std::size_t end_ = kDataBegin;
  std::size_t bytes_ = 0;
  std::array<iovec, kDataEnd + kLinesMax> parts_;
};

}  // namespace bearer::relay
