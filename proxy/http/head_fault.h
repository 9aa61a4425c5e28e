// The faults for which a head is refused (RFC 9112): syntax, framing or Host.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace bearer::http {

enum class HeadFault : std::uint8_t {
  none,

  // Syntax.
  no_head,                 ///< not the beginning of an HTTP/1 message, or a line ends with LF alone
  start_line_too_long,     ///< over kRequestLineBytesMax: 414
  head_too_large,          ///< over kHeadBytesMax: 431
  request_line_malformed,  ///< not "method SP target SP version"
  method_malformed,
  target_byte_invalid,    ///< a blank or a control character
  target_malformed,       ///< none of the forms that RFC 9112 section 3.2 has for the method
  target_host_malformed,  ///< of the absolute form
  version_unsupported,    ///< neither HTTP/1.0 nor HTTP/1.1
  status_line_malformed,
  status_out_of_range,  ///< below 100
  line_end_malformed,   ///< bare LF or CR
  field_name_malformed,
  space_before_colon,
  line_folding,      ///< obs-fold
  value_malformed,   ///< NUL or another control character
  fields_too_many,   ///< over the list's limit: 431
  options_too_many,  ///< over kConnectionOptionsMax in Connection: 431

  // Framing.
  framing_lookalike,  ///< Content_Length, Transfer_Encoding
  length_and_coding,
  length_repeated,  ///< in a response: with different values
  length_malformed,
  coding_malformed,
  coding_unsupported,  ///< a transfer coding other than chunked: 501
  coding_on_http_1_0,
  body_not_allowed,  ///< a 101 that announces a body

  // Host.
  host_missing,
  host_repeated,
  host_malformed,
};

/// Says what is wrong, for a person. Holds none of the peer's bytes.
std::string_view sentence(HeadFault fault);

/// The same, with the field or byte of `head` at fault. `head` has the bytes as they came, from the
/// first one on; empty if there are none. Another protocol is named. Only printable ASCII is taken
/// from the peer's bytes.
std::string sentence(HeadFault fault, std::string_view head);

/// The status of the reply to a request with this fault: 400, 414, 431 or 501. (An upstream's
/// response with any fault becomes a 502.)
int reply_status(HeadFault fault);

}  // namespace bearer::http
