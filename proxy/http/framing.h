// Finds where a message's body ends (RFC 9112 section 6.3), and whether its connection goes on
// (section 9.3). A framing that two readers might read differently is refused.
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
  std::uint64_t length = 0;  ///< with Kind::length; at most kLengthMax; may be 0

  /// True if a response breaks the letter of the RFC, though it has only one reading. Its sender
  /// may end the message elsewhere, so the connection carries nothing after it.
  bool odd = false;

  /// REQUIRES: it is not Kind::until_close.
  bool bodiless() const { return kind != Kind::chunked && length == 0; }

  bool operator==(const Framing&) const = default;
};

/// Never Kind::until_close. Kind::none if neither field is there, Kind::length for `Content-Length:
/// 0`. After a fault, `framing` is unchanged and the connection cannot go on.
HeadFault request_framing(const RequestHead& head, Framing& framing);

/// `request_method` is that of the request that the response answers. Taken as `odd` are equal
/// lengths in several fields, a 1xx, 204 or 304 that announces a body, which it never has, and any
/// faulty framing where there is no body (HEAD, 1xx, 204, 304; RFC 9112 section 6.3 rule 1). A 101
/// is held to all rules, because a tunnel follows it.
HeadFault response_framing(const ResponseHead& head, Method request_method, Framing& framing);

/// The value with which a field is forwarded: a Content-Length without leading zeros, because some
/// readers take such a number for an octal one; any other value as it came. REQUIRES: the framing
/// of its head was read without a fault.
std::string_view forwarded_value(const Field& field);

/// True if the sender of this head keeps the connection open after the message. A response with
/// Kind::until_close ends it nevertheless.
bool keep_alive(int minor_version, const FieldList& fields);

}  // namespace bearer::http
