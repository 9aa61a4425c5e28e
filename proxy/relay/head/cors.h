// The CORS protocol (Fetch standard, section 3.3) for pages of the origins that are served. The
// proxy alone speaks it, because the API does not know those origins.
#pragma once

#include <string>
#include <string_view>

#include "http/message.h"

namespace bearer::relay {

/// Appends to a head the fields that let a page of `origin` read all of it, with credentials too
/// (empty: no such page asked), and those that keep a cache from giving it to another page. `out`
/// has the head's lines so far, and `others` names fields that follow.
void append_cors_fields(std::string& out, std::string_view origin, std::string_view others = {});

/// True for a field of an upstream that must not stand beside those of append_cors_fields().
bool speaks_cors(std::string_view name);

/// True if a browser asks with that request whether it may send another.
bool is_preflight(const http::RequestHead& head);

/// The fields of the reply that allows what the preflight asks for, beside append_cors_fields().
std::string preflight_fields(const http::FieldList& asked);

}  // namespace bearer::relay
