// The bytes of one direction of a WebSocket, which pass unchanged. Its frames are followed as far
// as it takes to see the Close (RFC 6455 section 5.5.1).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "relay/body/body.h"

namespace bearer::relay {

/// `source` outlives it.
class CloseSight final : public Body {
 public:
  explicit CloseSight(Body& source) : source_(source) {}

  /// True once a Close has passed, with all of its bytes.
  bool closed() const { return closed_; }

  Status pull(net::Stream& stream, net::Buffer& rest, std::span<char> scratch,
              Gather& gather) override;
  /// Only what is within a frame need not be seen.
  std::uint64_t unseen() const override;
  void pass(std::uint64_t bytes) override;
  std::string_view trailers() const override { return source_.trailers(); }

 private:
  void follow(std::string_view bytes);
  std::size_t header_bytes() const;
  void begin_frame();

  static constexpr std::size_t kHeaderBytesMax = 14;

  Body& source_;
  std::array<unsigned char, kHeaderBytesMax> header_{};
  std::uint8_t header_size_ = 0;
  bool follows_ = true;  // no Close has passed, and what came can be frames
  bool closing_ = false;
  bool closed_ = false;
  std::uint64_t payload_left_ = 0;
};

}  // namespace bearer::relay
