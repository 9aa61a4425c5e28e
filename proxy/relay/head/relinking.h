// Decides in which bodies links are rewritten, and which fields of their messages that outdates
// (`--rewrite-body-links`).
#pragma once

#include <string_view>

#include "http/body_links/body_syntax.h"
#include "http/fields.h"
#include "http/message.h"
#include "relay/options.h"

namespace bearer::relay {

/// The syntax by which the route rewrites links in a body of this type; `other`: it does not.
http::BodySyntax linked_syntax(const RouteOptions& route, std::string_view content_type);

/// True if the links in this response's body are rewritten: the route rewrites bodies of its type,
/// and it is whole and not compressed. The response to a HEAD is described as that to a GET would
/// be.
bool relinked(const RouteOptions& route, const http::ResponseHead& head);
/// True if links in this response's body stay only because the route does not rewrite them: it is a
/// success with JSON, whole and not compressed.
bool has_links_unasked(const RouteOptions& route, const http::ResponseHead& head);
/// The same for the body of a request with these fields. It has to be JSON or a batch: markup comes
/// back as a document of the client's own, whose links are its matter.
bool relinked(const RouteOptions& route, const http::FieldList& fields);

/// True for a field that is wrong for a relinked body: its length, its digest, and the offer of
/// ranges, which would be ranges of the upstream's bytes. An ETag stays: for all clients that use
/// the same address for us, the same bytes become the same bytes, and a weak one would fail every
/// If-Match.
bool outdated_by_relinking(const http::Field& field);

}  // namespace bearer::relay
