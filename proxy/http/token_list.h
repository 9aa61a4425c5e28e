// Reads comma-separated lists of tokens (RFC 9110 section 5.6.1): Connection, TE and Trailer.
#pragma once

#include <optional>
#include <string_view>

#include "http/fields.h"

namespace bearer::http {

/// Cuts the first element off `list`: trimmed, empty elements skipped; nullopt if there is none
/// left. Does not know quoted strings.
///
///   while (auto element = next_element(rest)) …
std::optional<std::string_view> next_element(std::string_view& list);

/// True if any field of that name lists `token`, in any case.
bool lists(const FieldList& fields, FieldName name, std::string_view token);

}  // namespace bearer::http
