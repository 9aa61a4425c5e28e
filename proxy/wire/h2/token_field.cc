#include "wire/h2/token_field.h"

#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <cstdint>

namespace bearer::wire::h2 {
namespace {

// A shorter one costs little either way.
constexpr std::size_t kTokenBytesMin = 32;
// A frame takes 16 KiB (RFC 9113 section 4.2), and packing makes no field longer than this.
constexpr std::size_t kFrameBytesMax = 16u << 10;
constexpr std::size_t kLiteralBytesMax = 16;

// The name from the static table, never indexed, and a value of no length.
constexpr std::string_view kEmptyField("\x1f\x08\x00", 3);

char byte(std::size_t value) {
  return static_cast<char>(static_cast<std::uint8_t>(value));
}

/// The length of a string that is not packed (RFC 7541 section 5.1 and 5.2).
void append_length(std::string& out, std::size_t length) {
  constexpr std::size_t kPrefix = 0x7f, kMore = 0x80;
  if (length < kPrefix) {
    out.push_back(byte(length));
    return;
  }
  out.push_back(byte(kPrefix));
  for (length -= kPrefix; length >= kMore; length /= kMore) {
    out.push_back(byte(length % kMore + kMore));
  }
  out.push_back(byte(length));
}

}  // namespace

std::size_t token_field(std::span<const Field> head) {
  std::size_t found = head.size(), bytes = 0;
  for (std::size_t i = 0; i < head.size(); ++i) {
    bytes += head[i].name.size() + head[i].value.size() + kLiteralBytesMax;
    if (head[i].name == "authorization") found = i;
  }
  const bool fits =
      found < head.size() && bytes <= kFrameBytesMax && head[found].value.size() >= kTokenBytesMin;
  return fits ? found : head.size();
}

std::optional<TokenFrame> token_frame(std::string_view frame, std::size_t token_bytes) {
  TokenFrame out;
  if (frame.size() < out.header.size() + kEmptyField.size()) return std::nullopt;
  const auto flags = static_cast<std::uint8_t>(frame[4]);
  const bool whole = (flags & NGHTTP2_FLAG_END_HEADERS) != 0 && (flags & NGHTTP2_FLAG_PADDED) == 0;
  if (frame[3] != NGHTTP2_HEADERS || !whole || !frame.ends_with(kEmptyField)) return std::nullopt;
  frame.copy(out.header.data(), out.header.size());
  out.fields = frame.substr(out.header.size());
  out.fields.remove_suffix(1);
  append_length(out.length, token_bytes);
  const std::size_t payload = out.fields.size() + out.length.size() + token_bytes;
  if (payload > kFrameBytesMax) return std::nullopt;
  out.header[0] = byte(payload >> 16);
  out.header[1] = byte(payload >> 8);
  out.header[2] = byte(payload);
  return out;
}

}  // namespace bearer::wire::h2
