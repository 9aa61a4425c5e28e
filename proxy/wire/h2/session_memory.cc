#include "wire/h2/session_memory.h"

#include <malloc.h>
#include <openssl/crypto.h>

#include <algorithm>
#include <cassert>
#include <cstdlib>
#include <cstring>
#include <memory>

namespace bearer::wire::h2 {
namespace {

// A frame's payload (RFC 9113 section 4.2), its header, and a few bytes that nghttp2 adds.
constexpr std::size_t kFrameBytesMin = 16u << 10;
constexpr std::size_t kFrameBytesMax = kFrameBytesMin + 64;

void* shared_frames() {
  thread_local const std::unique_ptr<char[]> only =
      std::make_unique_for_overwrite<char[]>(kFrameBytesMax);
  return only.get();
}

}  // namespace

void* SessionMemory::allocate(std::size_t size, void*) {
  return std::malloc(size);
}

void* SessionMemory::allocate_cleared(std::size_t count, std::size_t size, void*) {
  return std::calloc(count, size);
}

void* SessionMemory::reallocate(void* memory, std::size_t size, void* self) {
  auto& its = *static_cast<SessionMemory*>(self);
  if (its.use_ == Use::frames_shared) {
    const bool frames = its.making_ && !its.frames_ && !memory && size >= kFrameBytesMin;
    if (frames && size <= kFrameBytesMax) return its.frames_ = shared_frames();
    assert(!memory || memory != its.frames_);  // a frame is never larger
    return std::realloc(memory, size);
  }
  if (!memory) return std::malloc(size);
  void* larger = std::malloc(size);  // whatever realloc() leaves behind is not wiped
  if (!larger) return nullptr;
  std::memcpy(larger, memory, std::min(size, malloc_usable_size(memory)));
  release(memory, self);
  return larger;
}

void SessionMemory::release(void* memory, void* self) {
  const auto& its = *static_cast<const SessionMemory*>(self);
  if (!memory || memory == its.frames_) return;
  if (its.use_ == Use::wiped) OPENSSL_cleanse(memory, malloc_usable_size(memory));
  std::free(memory);
}

}  // namespace bearer::wire::h2
