#include "net/recycler.h"

#include <array>
#include <bit>
#include <new>

namespace bearer::net::recycler {
namespace {

// Small sizes (frames) come in steps, large ones (buffers) in powers of two.
constexpr std::size_t kStep = 64;
constexpr std::size_t kSteppedBytesMax = 2048;
constexpr std::size_t kRecycledBytesMax = 128u << 10;
constexpr std::size_t kSteps = kSteppedBytesMax / kStep;
constexpr std::size_t kShelves = kSteps + 6;  // 4, 8, 16, 32, 64, 128 KiB
// More than this, as after a burst of thousands of held requests, goes back to malloc.
constexpr std::size_t kSpareBytesMax = 1u << 20;

struct Spare {
  Spare* next;
};

struct Shelf {
  Spare* first = nullptr;
  std::size_t count = 0;
};

struct Shelves {
  std::array<Shelf, kShelves> shelf;
  ~Shelves() {
    for (Shelf& s : shelf) {
      while (Spare* spare = s.first) {
        s.first = spare->next;
        ::operator delete(spare);
      }
    }
  }
};

thread_local Shelves shelves;

struct Class {
  std::size_t index;
  std::size_t bytes;
};

constexpr Class class_of(std::size_t size) {
  if (size <= kSteppedBytesMax) {
    const std::size_t index = (size - 1) / kStep;
    return {index, (index + 1) * kStep};
  }
  const std::size_t bytes = std::bit_ceil(size);
  return {kSteps + static_cast<std::size_t>(std::countr_zero(bytes / kSteppedBytesMax)) - 1, bytes};
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
  Shelf& shelf = shelves.shelf[wanted.index];
  if (Spare* spare = shelf.first) {
    shelf.first = spare->next;
    --shelf.count;
    return spare;
  }
  return ::operator new(wanted.bytes);
}

void release(void* memory, std::size_t size) noexcept {
  if (!kRecycling || size > kRecycledBytesMax) return ::operator delete(memory);
  const Class wanted = class_of(size);
  Shelf& shelf = shelves.shelf[wanted.index];
  if (shelf.count * wanted.bytes >= kSpareBytesMax) return ::operator delete(memory);
  shelf.first = ::new (memory) Spare{shelf.first};
  ++shelf.count;
}

}  // namespace bearer::net::recycler
