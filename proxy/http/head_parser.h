// Parses a head that HeadScanner found (RFC 9112 sections 3 to 5), with the strictness of contract
// section 6. No allocation, no copy: everything is a view.
#pragma once

#include <string>
#include <string_view>

#include "http/head_fault.h"
#include "http/message.h"

namespace bearer::http {

/// Parses a whole head, blank line included, as HeadScanner found it. After a fault `head` holds
/// nothing of use. Both functions clear `head` first.
HeadFault parse_request_head(std::string_view bytes, RequestHead& head);
HeadFault parse_response_head(std::string_view bytes, ResponseHead& head);

/// Turns a response's head that HeadScanner called odd() into one that parse_response_head() takes:
/// lines that end with LF alone end with CRLF, and folded lines are joined by a blank (RFC 9112
/// sections 2.2 and 5.2). What two readers might understand differently stays as it is, and is then
/// refused: a folded line that is empty, or that concerns a field which frames the body.
std::string unfold_head(std::string_view bytes);

/// Parses field lines, each with its CRLF, without a blank line at the end: a trailer section as
/// BodyReader::trailers() returns it. It may be empty.
HeadFault parse_field_lines(std::string_view bytes, FieldList& fields);

}  // namespace bearer::http
