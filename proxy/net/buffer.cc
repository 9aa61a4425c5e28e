#include "net/buffer.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <new>

namespace bearer::net {
namespace {

constexpr std::size_t kBlockBytesMin = 2048;

std::size_t capacity_for(std::size_t least) {
  return std::bit_ceil(std::max(least, kBlockBytesMin));
}

}  // namespace

Buffer::Block& Buffer::allocate(std::size_t capacity) {
  return *::new (recycler::allocate(sizeof(Block) + capacity)) Block{.capacity = capacity};
}

void Buffer::release(Block& block) noexcept {
  recycler::release(&block, sizeof(Block) + block.capacity);
}

std::span<char> Buffer::room(std::size_t least) {
  if (!block_) block_ = &allocate(capacity_for(least));
  if (block_->capacity - block_->end < least) {
    const std::string_view held = bytes();
    if (block_->begin > 0 && block_->capacity - held.size() >= least) {
      std::memmove(block_->bytes(), held.data(), held.size());
    } else {
      Block& larger = allocate(capacity_for(held.size() + least));
      std::memcpy(larger.bytes(), held.data(), held.size());
      release(*std::exchange(block_, &larger));
    }
    block_->begin = 0;
    block_->end = held.size();
  }
  return {block_->bytes() + block_->end, block_->capacity - block_->end};
}

void Buffer::fit(std::size_t bytes) {
  if (!block_ && bytes > 0 && bytes < kBlockBytesMin) block_ = &allocate(bytes);
}

void Buffer::append(std::string_view bytes) {
  if (bytes.empty()) return;
  std::memcpy(room(bytes.size()).data(), bytes.data(), bytes.size());
  filled(bytes.size());
}

}  // namespace bearer::net
