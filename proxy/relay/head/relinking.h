// In which bodies links are rewritten, and what that does to their messages
// (`--rewrite-body-links`, contract section 3, step 5).
#pragma once

#include <string_view>

#include "http/body_links/body_syntax.h"
#include "http/fields.h"
#include "http/message.h"
#include "relay/options.h"

namespace bearer::relay {

/// As what the route has links in a body of this type rewritten; `other`: not at all.
http::BodySyntax linked_syntax(const RouteOptions& route, std::string_view content_type);

/// True if the links in this response's body are rewritten: the route wants it for bodies of its
/// type, and it is whole and not compressed. The answer to a HEAD is described as a GET's would be.
bool relinked(const RouteOptions& route, const http::ResponseHead& head);
/// True if links in this response's body stay, for the route does not ask for more, although they
/// could be rewritten: it is a success with JSON, whole and not compressed.
bool has_links_unasked(const RouteOptions& route, const http::ResponseHead& head);
/// As relinked(), of the body of a request with these fields: that has to be a batch.
bool relinked(const RouteOptions& route, const http::FieldList& fields);

/// True for a field that says what a relinked body no longer is: its length, its digest, and that a
/// range of it could be had (that would be one of the upstream's bytes). An ETag stays: for whoever
/// names us alike the same bytes become the same bytes, and a weak one would fail every If-Match.
bool outdated_by_relinking(const http::Field& field);

}  // namespace bearer::relay
