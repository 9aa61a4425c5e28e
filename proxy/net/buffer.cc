#include "net/buffer.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace bearer::net {
namespace {

constexpr std::size_t kBlockBytesMin = 2048;

}  // namespace

std::span<char> Buffer::room(std::size_t least) {
  if (capacity_ - end_ < least) {
    if (begin_ > 0 && capacity_ - size() >= least) {
      std::memmove(memory_, memory_ + begin_, size());
      end_ = size();
      begin_ = 0;
    } else {
      Buffer larger;
      larger.capacity_ = std::bit_ceil(std::max(size() + least, kBlockBytesMin));
      larger.memory_ = static_cast<char*>(recycler::allocate(larger.capacity_));
      larger.end_ = size();
      if (!empty()) std::memcpy(larger.memory_, memory_ + begin_, size());
      swap(larger);
    }
  }
  return {memory_ + end_, capacity_ - end_};
}

void Buffer::fit(std::size_t bytes) {
  if (memory_ || bytes == 0 || bytes >= kBlockBytesMin) return;
  capacity_ = bytes;
  memory_ = static_cast<char*>(recycler::allocate(capacity_));
}

void Buffer::append(std::string_view bytes) {
  if (bytes.empty()) return;
  std::memcpy(room(bytes.size()).data(), bytes.data(), bytes.size());
  filled(bytes.size());
}

void Buffer::clear() noexcept {
  if (memory_) recycler::release(memory_, capacity_);
  memory_ = nullptr;
  capacity_ = begin_ = end_ = 0;
}

}  // namespace bearer::net
