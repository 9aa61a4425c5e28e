// A message of Protocol Buffers, field by field, as far as gRPC's own messages need it: numbers,
// and what has a length.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace bearer::http {

/// Views into the message. No schema: who reads knows which numbers mean what.
class ProtoFields {
 public:
  explicit ProtoFields(std::string_view message) : rest_(message) {}

  struct One {
    std::uint64_t number = 0;
    std::uint64_t value = 0;      ///< where it is a number
    std::string_view bytes = {};  ///< where it has a length
  };
  /// nullopt at the end, and where the bytes make no sense.
  std::optional<One> next();

 private:
  std::optional<std::uint64_t> varint();
  std::optional<std::string_view> take(std::uint64_t size);

  std::string_view rest_;
};

}  // namespace bearer::http
