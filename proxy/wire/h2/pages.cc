#include "wire/h2/pages.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <new>
#include <vector>

namespace bearer::wire::h2 {
namespace {

using Word = std::uint64_t;

constexpr std::size_t kWords = Pages::kBytes / sizeof(Word);
constexpr std::size_t kBits = 64;
constexpr std::size_t kMaps = kWords / kBits;
static_assert(kMaps * kBits == kWords);

Word word_at(const char* memory, std::size_t index) {
  Word word = 0;
  std::memcpy(&word, memory + index * sizeof word, sizeof word);
  return word;
}

#if defined(__SANITIZE_ADDRESS__)

// The sanitizer looks for pointers, which tell a leak, in memory of malloc() alone.
bool may_drop() {
  return true;
}

char* lend() {
  return static_cast<char*>(std::memset(::operator new(Pages::kBytes), 0, Pages::kBytes));
}

void give_back(char* memory) {
  ::operator delete(memory);
}

void drop(char* memory) {
  std::memset(memory, 0, Pages::kBytes);
}

#else

/// False where the kernel's pages are so large that a neighbour would be dropped too.
bool may_drop() {
  static const bool may = Pages::kBytes % static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)) == 0;
  return may;
}

/// Gives the pages to the kernel. They read as zeros from now on. Locked ones are only cleared.
void drop(char* memory) {
  if (!may_drop()) {
    std::memset(memory, 0, Pages::kBytes);
    return;
  }
  if (::madvise(memory, Pages::kBytes, MADV_DONTNEED) != 0) std::memset(memory, 0, Pages::kBytes);
}

/// A thread's pages: mapped many at a time, and kept for its next connections.
class Stock {
 public:
  Stock() = default;
  Stock(const Stock&) = delete;
  Stock& operator=(const Stock&) = delete;
  ~Stock() {
    for (char* one : regions_) ::munmap(one, kRegionBytes);
  }

  char* take() {
    if (free_.empty()) map_region();
    char* const memory = free_.back();
    free_.pop_back();
    return memory;
  }

  void put(char* memory) {
    free_.push_back(memory);  // map_region() has made room for it
  }

 private:
  static constexpr std::size_t kEach = 64;
  static constexpr std::size_t kRegionBytes = kEach * Pages::kBytes;

  void map_region() {
    free_.reserve((regions_.size() + 1) * kEach);
    regions_.reserve(regions_.size() + 1);
    void* const mapped = ::mmap(nullptr, kRegionBytes, PROT_READ | PROT_WRITE,
                                MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (mapped == MAP_FAILED) throw std::bad_alloc();
    // A huge page would come back as a whole. A kernel without them says that it knows no such
    // advice.
    (void)::madvise(mapped, kRegionBytes, MADV_NOHUGEPAGE);
    regions_.push_back(static_cast<char*>(mapped));
    for (std::size_t i = kEach; i > 0; --i) {
      free_.push_back(regions_.back() + (i - 1) * Pages::kBytes);
    }
  }

  std::vector<char*> regions_, free_;
};

Stock& stock() {
  thread_local Stock only;
  return only;
}

char* lend() {
  return stock().take();
}

void give_back(char* memory) {
  stock().put(memory);
}

#endif

}  // namespace

Pages::Pages() : memory_(lend()) {}

Pages::~Pages() {
  if (!away()) drop(memory_);
  give_back(memory_);
}

void Pages::put_away() {
  if (away() || !may_drop()) return;
  std::array<Word, kMaps> maps{};
  std::size_t used = 0;
  for (std::size_t i = 0; i < kWords; ++i) {
    const Word is_used = word_at(memory_, i) != 0 ? 1 : 0;
    maps[i / kBits] |= is_used << (i % kBits);
    used += is_used;
  }
  packed_.reset(new (std::nothrow) Word[kMaps + used]);
  if (!packed_) return;
  Word* to = std::copy(maps.begin(), maps.end(), packed_.get());
  for (std::size_t map = 0; map < kMaps; ++map) {
    for (Word left = maps[map]; left != 0; left &= left - 1) {
      *to++ = word_at(memory_, map * kBits + static_cast<std::size_t>(std::countr_zero(left)));
    }
  }
  drop(memory_);
}

void Pages::take_back() {
  if (!away()) return;
  const Word* from = packed_.get() + kMaps;
  for (std::size_t map = 0; map < kMaps; ++map) {
    for (Word left = packed_[map]; left != 0; left &= left - 1, ++from) {
      const std::size_t index = map * kBits + static_cast<std::size_t>(std::countr_zero(left));
      std::memcpy(memory_ + index * sizeof *from, from, sizeof *from);
    }
  }
  packed_.reset();
}

}  // namespace bearer::wire::h2
