#include "net/recycler.h"

#include <algorithm>
#include <array>
#include <bit>
#include <new>

namespace bearer::net::recycler {
namespace {

// Small sizes (frames) come in the steps in which malloc (glibc's, for 64 bits) has them without a
// rest, large ones (buffers) in powers of two and a header.
constexpr std::size_t kStep = 16;
constexpr std::size_t kLeastBytes = 24;
constexpr std::size_t kSteppedBytesMax = 2048;
constexpr std::size_t kRecycledBytesMax = (128u << 10) + kHeaderBytes;
constexpr std::size_t step_of(std::size_t size) {
  return (std::max(size, kLeastBytes) - kLeastBytes + kStep - 1) / kStep;
}
constexpr std::size_t kSteps = step_of(kSteppedBytesMax) + 1;
constexpr std::size_t kShelves = kSteps + 7;  // 2, 4, 8, 16, 32, 64, 128 KiB
// More than this, as after a burst of thousands of held requests, goes back to malloc.
constexpr std::size_t kSpareBytesMax = 1u << 20;
constexpr std::size_t kSteppedSpareBytesMax = kSpareBytesMax / 4;  // there are more such shelves

struct Spare {
  Spare* next;
};

struct Shelf {
  Spare* first = nullptr;
  std::size_t count = 0;
};

// A request comes here some forty times. So the thread's shelves are found with one instruction:
// they need no constructor, and what frees them at the thread's end is apart.
[[gnu::tls_model("initial-exec")]] constinit thread_local std::array<Shelf, kShelves> shelves{};

struct AtThreadsEnd {
  ~AtThreadsEnd() {
    for (Shelf& shelf : shelves) {
      while (Spare* spare = shelf.first) {
        shelf.first = spare->next;
        ::operator delete(spare);
      }
    }
  }
};

/// Memory that no shelf has.
[[gnu::noinline]] void* allocate_anew(std::size_t bytes) {
  thread_local const AtThreadsEnd kAtEnd;  // from now on there is something to free
  return ::operator new(bytes);
}

struct Class {
  std::size_t index;
  std::size_t bytes;
  std::size_t spare_bytes_max;
};

constexpr Class class_of(std::size_t size) {
  if (size <= kSteppedBytesMax) {
    const std::size_t step = step_of(size);
    return {step, step * kStep + kLeastBytes, kSteppedSpareBytesMax};
  }
  const std::size_t power = std::bit_ceil(size - kHeaderBytes);
  const auto doubled = static_cast<std::size_t>(std::countr_zero(power / kSteppedBytesMax));
  return {kSteps + doubled, power + kHeaderBytes, kSpareBytesMax};
}
static_assert(class_of(kSteppedBytesMax + 1).index == kSteps);
static_assert(class_of(kRecycledBytesMax).index == kShelves - 1);

#if defined(__SANITIZE_ADDRESS__)
constexpr bool kRecycling = false;  // the sanitizer sees a use after free only after a real free
#else
constexpr bool kRecycling = true;
#endif

}  // namespace

void* allocate(std::size_t size) {
  if (!kRecycling || size > kRecycledBytesMax) return ::operator new(size);
  const Class wanted = class_of(size);
  Shelf& shelf = shelves[wanted.index];
  if (Spare* spare = shelf.first) {
    shelf.first = spare->next;
    --shelf.count;
    return spare;
  }
  return allocate_anew(wanted.bytes);
}

void release(void* memory, std::size_t size) noexcept {
  if (!kRecycling || size > kRecycledBytesMax) return ::operator delete(memory);
  const Class wanted = class_of(size);
  Shelf& shelf = shelves[wanted.index];
  if (shelf.count * wanted.bytes >= wanted.spare_bytes_max) return ::operator delete(memory);
  shelf.first = ::new (memory) Spare{shelf.first};
  ++shelf.count;
}

}  // namespace bearer::net::recycler
