// A small value that one thread writes, and that any thread reads as a whole.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <thread>
#include <type_traits>

namespace bearer::base {

/// Costs its writer a few plain stores: no lock, no instruction that locks the bus. A reader gets a
/// recent value, and reads again if the writer was writing (a seqlock).
template <typename T>
requires std::is_trivially_copyable_v<T> && std::has_unique_object_representations_v<T> &&
    (sizeof(T) % sizeof(std::uint64_t) == 0) class Published {
 public:
  /// REQUIRES: one thread.
  void set(const T& value) {
    const std::uint64_t version = version_.load(std::memory_order_relaxed);
    version_.store(version + 1, std::memory_order_relaxed);
    const auto words = std::bit_cast<Words>(value);
    // Each store is a release, so that none is seen before the odd version.
    for (std::size_t i = 0; i < words.size(); ++i) {
      words_[i].store(words[i], std::memory_order_release);
    }
    version_.store(version + 2, std::memory_order_release);
  }

  T get() const {
    for (;;) {
      const std::uint64_t before = version_.load(std::memory_order_acquire);
      Words words;
      for (std::size_t i = 0; i < words.size(); ++i) {
        words[i] = words_[i].load(std::memory_order_acquire);
      }
      const bool whole = before % 2 == 0 && version_.load(std::memory_order_relaxed) == before;
      if (whole) return std::bit_cast<T>(words);
      std::this_thread::yield();  // the writer may have lost its core in the middle
    }
  }

 private:
  using Words = std::array<std::uint64_t, sizeof(T) / sizeof(std::uint64_t)>;

  std::atomic<std::uint64_t> version_{0};  // odd while the value is being written
  std::array<std::atomic<std::uint64_t>, sizeof(T) / sizeof(std::uint64_t)> words_{};
};

}  // namespace bearer::base
