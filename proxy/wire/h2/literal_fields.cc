#include "wire/h2/literal_fields.h"

#include <nghttp2/nghttp2.h>

#include <cstdint>
#include <cstring>

namespace bearer::wire::h2 {
namespace {

constexpr std::size_t kFrameHeaderBytes = 9;
// A frame takes 16 KiB (RFC 9113 section 4.2), and neither we nor nghttp2 make a field longer than
// this, name and value excepted.
constexpr std::size_t kFrameBytesMax = 16u << 10;
constexpr std::size_t kLiteralBytesMax = 16;

constexpr std::string_view kToken = "authorization";
// No proxy on its way indexes it either, and its name is the static table's 23rd.
constexpr std::string_view kTokenStart = "\x1f\x08";

char byte(std::size_t value) {
  return static_cast<char>(static_cast<std::uint8_t>(value));
}

char* write(std::string_view bytes, char* to) {
  std::memcpy(to, bytes.data(), bytes.size());
  return to + bytes.size();
}

/// A string that is not packed (RFC 7541 section 5.1 and 5.2).
char* write_string(std::string_view string, char* to) {
  constexpr std::size_t kPrefix = 0x7f, kMore = 0x80;
  std::size_t length = string.size();
  if (length < kPrefix) {
    *to++ = byte(length);
  } else {
    *to++ = byte(kPrefix);
    for (length -= kPrefix; length >= kMore; length /= kMore) *to++ = byte(length % kMore + kMore);
    *to++ = byte(length);
  }
  return write(string, to);
}

char* write_literal(const Field& field, char* to) {
  if (field.name == kToken) {
    to = write(kTokenStart, to);
  } else {
    *to++ = 0;
    to = write_string(field.name, to);
  }
  return write_string(field.value, to);
}

}  // namespace

bool never_repeats(const Field& field) {
  return field.name == kToken || field.name == "x-request-id" || field.name == "traceparent";
}

std::size_t literals_bytes_max(std::span<const Field> literals) {
  std::size_t bytes = 0;
  for (const Field& field : literals) {
    bytes += field.name.size() + field.value.size() + kLiteralBytesMax;
  }
  return bytes;
}

bool fits_one_frame(std::span<const Field> head) {
  return literals_bytes_max(head) <= kFrameBytesMax;
}

std::size_t write_frame(std::string_view frame, std::span<const Field> literals, char* to) {
  if (frame.size() < kFrameHeaderBytes) return 0;
  const auto flags = static_cast<std::uint8_t>(frame[4]);
  const bool whole = (flags & NGHTTP2_FLAG_END_HEADERS) != 0 && (flags & NGHTTP2_FLAG_PADDED) == 0;
  if (frame[3] != NGHTTP2_HEADERS || !whole) return 0;
  char* end = write(frame, to);
  for (const Field& field : literals) end = write_literal(field, end);
  const auto size = static_cast<std::size_t>(end - to);
  const std::size_t payload = size - kFrameHeaderBytes;
  to[0] = byte(payload >> 16);
  to[1] = byte(payload >> 8);
  to[2] = byte(payload);
  return payload <= kFrameBytesMax ? size : 0;
}

}  // namespace bearer::wire::h2
