// Writes the chunked coding (RFC 9112 section 7.1).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace bearer::http {

/// `size` in hex and CRLF, to be written before a chunk's data. CRLF (kChunkEnd) follows the data.
class ChunkHeader {
 public:
  /// REQUIRES: size > 0. A chunk of size 0 would end the body.
  explicit ChunkHeader(std::uint64_t size);

  std::string_view text() const { return {text_.data(), length_}; }  ///< valid while this is

 private:
  std::array<char, 18> text_;
  std::size_t length_;
};

inline constexpr std::string_view kChunkEnd = "\r\n";
/// Ends a body; trailer lines and an empty line follow.
inline constexpr std::string_view kLastChunk = "0\r\n";

}  // namespace bearer::http
