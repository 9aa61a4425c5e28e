// Bytes between two sockets, filled at the end and consumed at the front. It holds memory only
// while it holds bytes: an idle connection's buffer is four words.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <utility>

#include "net/recycler.h"

namespace bearer::net {

/// Used by one thread at a time, freed on the thread that filled it.
class Buffer {
 public:
  Buffer() = default;
  Buffer(Buffer&& other) noexcept { swap(other); }
  Buffer& operator=(Buffer&& other) noexcept {
    Buffer moved(std::move(other));
    swap(moved);
    return *this;
  }
  ~Buffer() { clear(); }

  bool empty() const { return begin_ == end_; }
  std::size_t size() const { return end_ - begin_; }
  std::string_view bytes() const { return {memory_ + begin_, size()}; }

  /// Returns room for `least` bytes or more after the last one. Invalidates views into the buffer.
  std::span<char> room(std::size_t least);
  /// `count` bytes of room() were filled.
  void filled(std::size_t count) { end_ += count; }
  void append(std::string_view bytes);

  /// Removes the first `count` bytes. Views of the others stay valid until room(), append(), or the
  /// last byte is consumed and the memory freed.
  void consume(std::size_t count) {
    begin_ += count;
    if (begin_ == end_) clear();
  }
  void clear() noexcept;

 private:
  void swap(Buffer& other) noexcept {
    std::swap(memory_, other.memory_);
    std::swap(capacity_, other.capacity_);
    std::swap(begin_, other.begin_);
    std::swap(end_, other.end_);
  }

  char* memory_ = nullptr;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0, end_ = 0;
};

}  // namespace bearer::net
