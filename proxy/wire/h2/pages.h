// A few pages of memory whose content can be put away: the kernel gets the pages back, their
// address stays. What an idle connection's library keeps is mostly zeros, so little is left of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

namespace bearer::wire::h2 {

/// Zeros at first. Used and destroyed on the thread that made it.
class Pages {
 public:
  static constexpr std::size_t kBytes = 12u << 10;

  /// Throws std::bad_alloc.
  Pages();
  ~Pages();
  Pages(const Pages&) = delete;
  Pages& operator=(const Pages&) = delete;

  char* begin() const { return memory_; }

  /// Keeps the words that are not zero somewhere else. The memory must not be used until they are
  /// taken back. It does nothing if they are away already, if there is no memory to keep them, or
  /// where the kernel's pages are larger than kBytes.
  void put_away();
  /// Restores the content, at the same address. It does nothing if that is not away.
  void take_back();
  bool away() const { return packed_ != nullptr; }

 private:
  char* const memory_;
  std::unique_ptr<std::uint64_t[]> packed_;  // a bit for each word, and those words that are not 0
};

}  // namespace bearer::wire::h2
