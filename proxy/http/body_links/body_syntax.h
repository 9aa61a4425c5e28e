// Finds the syntax of a body's links by its Content-Type (RFC 9110 section 8.3).
#pragma once

#include <cstdint>
#include <string_view>

namespace bearer::http {

enum class BodySyntax : std::uint8_t {
  other,
  json,    ///< `application/json`, `+json`, `text/json`, JSON lines and sequences
  markup,  ///< XML, `+xml`, HTML
  batch,   ///< `multipart/mixed`, as in OData's `$batch`
};

BodySyntax body_syntax(std::string_view content_type);

/// The boundary parameter of a multipart type (RFC 2046 section 5.1.1); empty if there is none, or
/// one that no multipart body can have.
std::string_view multipart_boundary(std::string_view content_type);

}  // namespace bearer::http
