// Looks for a text in memory that was freed and not used since.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "net/recycler.h"

namespace bearer::test {

/// True if `text` stands in a block that this thread gave back to net::recycler or to malloc(). It
/// borrows them, because they are given out again the last one first. Where they are not recycled
/// (AddressSanitizer) it finds nothing. The test must not have freed such a text itself.
inline bool freed_memory_holds(std::string_view text) {
  constexpr std::size_t kStep = 16, kSteppedMax = 2048, kMax = 128u << 10;
  constexpr int kEach = 8;
  bool found = false;
  const auto look = [&](std::size_t size, auto take, auto give) {
    std::vector<char*> taken;
    for (int i = 0; i < kEach; ++i) {
      taken.push_back(static_cast<char*>(take(size)));
      found |= std::string_view(taken.back(), size).find(text) != std::string_view::npos;
    }
    for (char* each : taken) give(each, size);
  };
  const auto recycled = [&](std::size_t size) {
    look(size, net::recycler::allocate, net::recycler::release);
  };
  const auto plain = [&](std::size_t size) {
    look(
        size, [](std::size_t bytes) { return ::operator new(bytes); },
        [](void* memory, std::size_t) { ::operator delete(memory); });
  };
  for (std::size_t size = 24; size <= kSteppedMax; size += kStep) {
    recycled(size);
    plain(size);
  }
  for (std::size_t size = kSteppedMax; size <= kMax; size *= 2) {
    recycled(size + net::recycler::kHeaderBytes);
    plain(size);
  }
  return found;
}

}  // namespace bearer::test
