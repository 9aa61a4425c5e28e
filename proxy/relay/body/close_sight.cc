#include "relay/body/close_sight.h"

#include <algorithm>

namespace bearer::relay {
namespace {

// RFC 6455 section 5.2.
constexpr unsigned kOpcode = 0x0f;
constexpr unsigned kClose = 0x8;
constexpr unsigned kMasked = 0x80;
constexpr unsigned kLength = 0x7f;
constexpr unsigned kTwoBytesFollow = 126;
constexpr unsigned kEightBytesFollow = 127;

/// False for an opcode that no frame has.
bool is_known(unsigned opcode) {
  constexpr unsigned kBinary = 0x2, kPong = 0xa;
  return opcode <= kBinary || (opcode >= kClose && opcode <= kPong);
}

}  // namespace

Body::Status CloseSight::pull(net::Stream& stream, net::Buffer& rest, std::span<char> scratch,
                              Gather& gather) {
  const std::size_t before = gather.data().size();
  const Status status = source_.pull(stream, rest, scratch, gather);
  if (!follows_) return status;
  for (const iovec& part : gather.data().subspan(before)) {
    follow({static_cast<const char*>(part.iov_base), part.iov_len});
  }
  return status;
}

std::uint64_t CloseSight::unseen() const {
  const std::uint64_t all = source_.unseen();
  return follows_ ? std::min(all, payload_left_) : all;
}

void CloseSight::pass(std::uint64_t bytes) {
  if (follows_) payload_left_ -= bytes;
  source_.pass(bytes);
}

void CloseSight::follow(std::string_view bytes) {
  while (follows_ && !bytes.empty()) {
    if (payload_left_ > 0) {
      const std::size_t passing = std::min<std::uint64_t>(payload_left_, bytes.size());
      payload_left_ -= passing;
      bytes.remove_prefix(passing);
    } else {
      header_[header_size_++] = static_cast<unsigned char>(bytes.front());
      bytes.remove_prefix(1);
      if (header_size_ < header_bytes()) continue;
      begin_frame();
    }
    if (!closing_ || payload_left_ > 0) continue;
    closed_ = true;
    follows_ = false;  // nothing counts after a Close
  }
}

/// The length of the header that began, as far as it can be known.
std::size_t CloseSight::header_bytes() const {
  constexpr std::size_t kAlways = 2, kMaskBytes = 4;
  if (header_size_ < kAlways) return kAlways;
  std::size_t bytes = kAlways;
  if ((header_[1] & kLength) == kTwoBytesFollow) bytes += 2;
  if ((header_[1] & kLength) == kEightBytesFollow) bytes += 8;
  return (header_[1] & kMasked) != 0 ? bytes + kMaskBytes : bytes;
}

/// REQUIRES: the header is whole.
void CloseSight::begin_frame() {
  const unsigned opcode = header_[0] & kOpcode;
  follows_ = is_known(opcode);
  closing_ = opcode == kClose;
  payload_left_ = header_[1] & kLength;
  const std::size_t more = payload_left_ == kTwoBytesFollow     ? 2
                           : payload_left_ == kEightBytesFollow ? 8
                                                                : 0;
  if (more > 0) payload_left_ = 0;
  for (std::size_t i = 0; i < more; ++i) payload_left_ = (payload_left_ << 8) | header_[2 + i];
  header_size_ = 0;
}

}  // namespace bearer::relay
