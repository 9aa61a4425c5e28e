// Memory for what a request allocates and frees over and over (coroutine frames, buffers): a block
// that a thread frees serves its next request for that size.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <utility>

namespace bearer::net::recycler {

/// Large memory comes in powers of two, plus this much for a buffer's header.
inline constexpr std::size_t kHeaderBytes = 24;

/// At least `size` bytes, aligned for any type. REQUIRES: size > 0.
void* allocate(std::size_t size);
/// `size` is the argument that allocate() was called with.
void release(void* memory, std::size_t size) noexcept;

/// A base whose derived objects live in such memory.
struct Recycled {
  static void* operator new(std::size_t size) { return allocate(size); }
  static void operator delete(void* memory, std::size_t size) { release(memory, size); }
};

/// A text in such memory, of exactly its length, which stands before it. An empty one takes a word.
/// Freed on the thread that assigned it.
class Text {
 public:
  Text() = default;
  Text(std::string_view text) { *this = text; }
  Text(Text&& other) noexcept : memory_(std::exchange(other.memory_, nullptr)) {}
  Text& operator=(Text&& other) noexcept {
    std::swap(memory_, other.memory_);
    return *this;
  }
  /// REQUIRES: less than 4 GiB.
  Text& operator=(std::string_view text) {
    Text old(std::move(*this));  // `text` may be a part of it
    if (text.empty()) return *this;
    const auto size = static_cast<Size>(text.size());
    memory_ = static_cast<char*>(allocate(sizeof size + size));
    std::memcpy(memory_, &size, sizeof size);
    std::memcpy(memory_ + sizeof size, text.data(), size);
    return *this;
  }
  ~Text() {
    if (memory_) release(memory_, sizeof(Size) + size());
  }

  bool empty() const { return memory_ == nullptr; }
  std::string_view view() const {
    return memory_ ? std::string_view(memory_ + sizeof(Size), size()) : std::string_view();
  }
  /// The text, to be changed in place.
  std::span<char> bytes() {
    return memory_ ? std::span<char>(memory_ + sizeof(Size), size()) : std::span<char>();
  }
  operator std::string_view() const { return view(); }
  friend bool operator==(const Text& text, std::string_view other) { return text.view() == other; }

 private:
  using Size = std::uint32_t;

  Size size() const {
    Size size;
    std::memcpy(&size, memory_, sizeof size);
    return size;
  }

  char* memory_ = nullptr;  // null: the text is empty
};

}  // namespace bearer::net::recycler
