// Bytes between two sockets: filled at the end, consumed at the front, memory only while it holds
// some. An idle connection's buffer is a word.
#pragma once

#include <cstddef>
#include <cstring>
#include <span>
#include <string_view>
#include <utility>

#include "net/recycler.h"

namespace bearer::net {

/// Used by one thread at a time, freed on the thread that filled it.
class Buffer {
 public:
  Buffer() = default;
  Buffer(Buffer&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
  Buffer& operator=(Buffer&& other) noexcept {
    Buffer moved(std::move(other));
    std::swap(block_, moved.block_);
    return *this;
  }
  ~Buffer() { clear(); }

  bool empty() const { return size() == 0; }
  std::size_t size() const { return block_ ? block_->end - block_->begin : 0; }
  std::string_view bytes() const {
    return block_ ? std::string_view{block_->bytes() + block_->begin, size()} : std::string_view();
  }

  /// Returns room for `least` bytes or more after the last one. Invalidates views into the buffer.
  std::span<char> room(std::size_t least) {
    if (!block_ || block_->capacity - block_->end < least) make_room(least);
    return {block_->bytes() + block_->end, block_->capacity - block_->end};
  }
  /// `count` bytes of room() were filled.
  void filled(std::size_t count) { block_->end += count; }
  void append(std::string_view bytes) {
    if (bytes.empty()) return;
    std::memcpy(room(bytes.size()).data(), bytes.data(), bytes.size());
    filled(bytes.size());
  }
  /// Makes room for `bytes` and hardly more, if there is no memory yet. It is for content that is
  /// known to be small, and that may have to wait for long.
  void fit(std::size_t bytes);

  /// Removes the first `count` bytes. Views of the others stay valid until room(), append(), or the
  /// last byte is consumed and the memory freed.
  void consume(std::size_t count) {
    if (!block_) return;
    block_->begin += count;
    if (block_->begin == block_->end) clear();
  }
  void clear() noexcept {
    if (block_) release(*std::exchange(block_, nullptr));
  }

 private:
  /// The header before its bytes.
  struct Block {
    std::size_t capacity;
    std::size_t begin = 0, end = 0;

    char* bytes() { return reinterpret_cast<char*>(this + 1); }
  };
  static_assert(sizeof(Block) <= recycler::kHeaderBytes);

  void make_room(std::size_t least);
  static Block& allocate(std::size_t capacity);
  static void release(Block& block) noexcept;

  Block* block_ = nullptr;
};

}  // namespace bearer::net
