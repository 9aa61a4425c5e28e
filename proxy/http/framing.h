// The framing of a message says where its body ends (RFC 9112 section 6.3), and whether its
// connection goes on (section 9.3). One that two readers might read differently is refused.
#pragma once

#include <cstdint>
#include <string_view>

#include "http/head_fault.h"
#include "http/message.h"

namespace bearer::http {

/// The longest body or chunk. A larger number is negative to a reader that keeps it signed.
inline constexpr std::uint64_t kLengthMax = (std::uint64_t{1} << 63) - 1;

struct Framing {
  enum class Kind : std::uint8_t { none, length, chunked, until_close };

  Kind kind = Kind::none;
  std::uint64_t length = 0;  ///< of Kind::length; at most kLengthMax; may be 0

  /// A response is not to the letter, though it has one reading only. Its sender may see the
  /// message end elsewhere, so the connection carries nothing after it.
  bool odd = false;

  bool operator==(const Framing&) const = default;
};

/// Never Kind::until_close. Kind::none where neither field is there, Kind::length for
/// `Content-Length: 0`. On a fault, `framing` is untouched and the connection cannot go on.
HeadFault request_framing(const RequestHead& head, Framing& framing);

/// `request_method` is the one that this response answers. Content-Length and Transfer-Encoding are
/// held to the same rules where there is no body (HEAD, 1xx, 204, 304). What is taken as `odd`:
/// equal lengths in several fields, and a 1xx, 204 or 304 that announces a body, which it never has
/// (RFC 9112 section 6.3).
HeadFault response_framing(const ResponseHead& head, Method request_method, Framing& framing);

/// The value with which a field goes on: a Content-Length without leading zeros, for with them some
/// reader takes it for an octal number; any other as it came.
/// REQUIRES: the framing of its head was read without a fault.
std::string_view forwarded_value(const Field& field);

/// True if the sender of this head keeps the connection open after the message. A response with
/// Kind::until_close ends it all the same.
bool keep_alive(int minor_version, const FieldList& fields);

}  // namespace bearer::http
