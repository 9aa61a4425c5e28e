#include "wire/h2/session_memory.h"

#include <string.h>

#include <algorithm>
#include <cassert>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <utility>

#include "net/recycler.h"

namespace bearer::wire::h2 {
namespace {

// A frame's payload (RFC 9113 section 4.2), its header, and a few bytes that nghttp2 adds.
constexpr std::size_t kFrameBytesMin = 16u << 10;
constexpr std::size_t kFrameBytesMax = kFrameBytesMin + 64;

/// Stands before the memory that nghttp2 gets, and keeps its alignment.
struct alignas(std::max_align_t) Block {
  std::size_t bytes;  // that follow it
  bool in_pages = false;
};

Block* block_of(void* memory) {
  return static_cast<Block*>(memory) - 1;
}

/// True for what a request takes and gives back: its stream, its frames, the fields of a head. The
/// rest stays for as long as a connection, or is as small as the entries of its table, for which
/// malloc() has closer sizes.
constexpr bool recycled(std::size_t bytes) {
  return bytes > 128 && bytes <= 2048;
}

void* shared_frames() {
  thread_local const std::unique_ptr<char[]> only =
      std::make_unique_for_overwrite<char[]>(kFrameBytesMax);
  return only.get();
}

}  // namespace

SessionMemory::SessionMemory(Use use) : use_(use) {
  if (use == Use::server) pages_.emplace();
}

/// Null if there is no room.
void* SessionMemory::in_pages(std::size_t whole) {
  const std::size_t rounded = (whole + alignof(Block) - 1) / alignof(Block) * alignof(Block);
  if (rounded > Pages::kBytes - in_pages_) return nullptr;
  return pages_->begin() + std::exchange(in_pages_, in_pages_ + rounded);
}

void* SessionMemory::allocate(std::size_t size, void* self) {
  auto& its = *static_cast<SessionMemory*>(self);
  const std::size_t whole = sizeof(Block) + size;
  if (its.making_ && its.pages_) {
    if (void* const room = its.in_pages(whole)) return ::new (room) Block{size, true} + 1;
  }
  void* const memory = recycled(whole) ? net::recycler::allocate(whole) : std::malloc(whole);
  return memory ? ::new (memory) Block{size} + 1 : nullptr;
}

void* SessionMemory::allocate_cleared(std::size_t count, std::size_t size, void* self) {
  void* const memory = allocate(count * size, self);
  return memory ? std::memset(memory, 0, count * size) : nullptr;
}

void* SessionMemory::reallocate(void* memory, std::size_t size, void* self) {
  auto& its = *static_cast<SessionMemory*>(self);
  const bool frames = its.use_ == Use::server && its.making_ && !its.frames_ && !memory;
  if (frames && size >= kFrameBytesMin && size <= kFrameBytesMax) {
    return its.frames_ = shared_frames();
  }
  assert(!memory || memory != its.frames_);  // a frame is never larger
  void* const larger = allocate(size, self);
  if (!memory || !larger) return larger;
  std::memcpy(larger, memory, std::min(size, block_of(memory)->bytes));
  release(memory, self);
  return larger;
}

void SessionMemory::release(void* memory, void* self) {
  const auto& its = *static_cast<const SessionMemory*>(self);
  if (!memory || memory == its.frames_) return;
  Block* const block = block_of(memory);
  if (block->in_pages) return;
  const std::size_t whole = sizeof(Block) + block->bytes;
  if (its.use_ == Use::wiped) ::explicit_bzero(memory, block->bytes);
  if (recycled(whole)) {
    net::recycler::release(block, whole);
  } else {
    std::free(block);
  }
}

}  // namespace bearer::wire::h2
