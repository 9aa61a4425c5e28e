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

void Buffer::make_room(std::size_t least) {
  if (!block_) {
    block_ = &allocate(capacity_for(least));
    return;
  }
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

void Buffer::fit(std::size_t bytes) {
  if (!block_ && bytes > 0 && bytes < kBlockBytesMin) block_ = &allocate(bytes);
}

}  // namespace bearer::net
