// The CORS protocol (Fetch standard, section 3.3) for pages of the origins that are served: it is
// spoken by the proxy alone, for the API behind knows nothing of those origins.
#pragma once

#include <string>
#include <string_view>

#include "http/message.h"

namespace bearer::relay {

/// The fields of an answer where such pages are served: those by which a page of `origin` may read
/// all of it (empty: no such page asked), and what keeps a cache from giving it to another.
void append_cors_fields(std::string& out, std::string_view origin);

/// Whether a browser asks by that request if it may send another.
bool is_preflight(const http::RequestHead& head);

/// The fields of the answer that allows what the preflight asks for, beside append_cors_fields().
std::string preflight_fields(const http::FieldList& asked);

}  // namespace bearer::relay
