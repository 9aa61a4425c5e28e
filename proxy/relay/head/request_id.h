// The X-Request-Id field, by which a request is found in the logs of its client, of the proxy and
// of the upstream.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "http/fields.h"
#include "net/recycler.h"

namespace bearer::relay {

/// Visible ASCII; empty until it is set.
class RequestId {
 public:
  static constexpr std::size_t kBytesMax = 128;
  static constexpr std::size_t kBytesMade = 32;  ///< of those that RequestIds makes

  std::string_view view() const { return text_; }
  /// REQUIRES: at most kBytesMax bytes.
  void set(std::string_view text);

 private:
  net::recycler::Text text_;
};

/// Makes ids of 128 bits in hexadecimal digits. The first half is random, and this object's own;
/// the second never comes twice from it. They are unique, and need not be hard to guess. One
/// thread.
class RequestIds {
 public:
  RequestIds();

  void make(RequestId& id);
  /// 64 bits of the same kind, for a span's id.
  void make_half(std::array<char, 16>& id) { digits_of_next(id.data()); }
  /// Takes the client's own id, if it is 1 to kBytesMax visible ASCII characters; otherwise makes a
  /// new one.
  void choose(const http::FieldList& fields, RequestId& id);

 private:
  void digits_of_next(char* out);

  std::array<char, RequestId::kBytesMade> digits_;
  std::uint64_t count_;
};

}  // namespace bearer::relay
