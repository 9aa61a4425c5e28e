// Reads a head that HeadScanner found (RFC 9112 sections 3 to 5), with the strictness of contract
// section 6. No allocation, no copy: everything is a view.
#pragma once

#include <string_view>

#include "http/head_fault.h"
#include "http/message.h"

namespace bearer::http {

/// Reads a whole head, blank line included, as HeadScanner found it. On a fault `head` holds
/// nothing of use. Both forget what `head` held before.
HeadFault parse_request_head(std::string_view bytes, RequestHead& head);
HeadFault parse_response_head(std::string_view bytes, ResponseHead& head);

/// Reads field lines, each with its CRLF, without a blank line at the end: a trailer section as
/// BodyReader::trailers() returns it. Empty is fine.
HeadFault parse_field_lines(std::string_view bytes, FieldList& fields);

}  // namespace bearer::http
