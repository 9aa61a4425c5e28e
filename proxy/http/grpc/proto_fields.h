// Reads a message of Protocol Buffers field by field, as far as gRPC's own messages need it:
// numbers, and fields with a length.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace bearer::http {

/// Views into the message. There is no schema: the caller knows the meaning of the numbers.
class ProtoFields {
 public:
  explicit ProtoFields(std::string_view message) : rest_(message) {}

  struct One {
    std::uint64_t number = 0;
    std::uint64_t value = 0;      ///< if it is a number
    std::string_view bytes = {};  ///< if it has a length
  };
  /// nullopt at the end, and if the bytes are malformed.
  std::optional<One> next();

 private:
  std::optional<std::uint64_t> varint();
  std::optional<std::string_view> take(std::uint64_t size);

  std::string_view rest_;
};

}  // namespace bearer::http
