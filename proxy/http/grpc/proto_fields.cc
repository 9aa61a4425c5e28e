#include "http/grpc/proto_fields.h"

namespace bearer::http {

std::optional<ProtoFields::One> ProtoFields::next() {
  constexpr std::uint64_t kNumber = 0, kEightBytes = 1, kLength = 2, kFourBytes = 5;
  const auto key = varint();
  if (!key) return std::nullopt;
  One one{.number = *key >> 3};
  const std::uint64_t kind = *key & 7;
  if (kind == kNumber) {
    const auto value = varint();
    if (!value) return std::nullopt;
    one.value = *value;
    return one;
  }
  std::optional<std::uint64_t> size;
  if (kind == kEightBytes) size = 8;
  if (kind == kFourBytes) size = 4;
  if (kind == kLength) size = varint();
  const auto bytes = size ? take(*size) : std::nullopt;
  if (!bytes) return std::nullopt;
  one.bytes = *bytes;
  return one;
}

std::optional<std::uint64_t> ProtoFields::varint() {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64 && !rest_.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(rest_.front());
    rest_.remove_prefix(1);
    value |= std::uint64_t{byte & 0x7fU} << shift;
    if (byte < 0x80) return value;
  }
  return std::nullopt;
}

std::optional<std::string_view> ProtoFields::take(std::uint64_t size) {
  if (size > rest_.size()) return std::nullopt;
  const std::string_view taken = rest_.substr(0, static_cast<std::size_t>(size));
  rest_.remove_prefix(taken.size());
  return taken;
}

}  // namespace bearer::http
