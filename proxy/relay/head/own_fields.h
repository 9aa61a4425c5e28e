// The fields that the proxy brings itself into every request of a route: those that a person fixed,
// and the one that carries the token.
#pragma once

#include <string>
#include <string_view>

#include "base/secret.h"
#include "http/fields.h"
#include "relay/options.h"

namespace bearer::relay {

/// The lines of the fixed fields, then that of the token as far as the token:
/// `Authorization: Bearer `. A scheme is followed by a space, unless it ends in `=` or `="`.
base::Secret before_token(const RouteOptions& options);
/// The same of a token that is bound to a key: `DPoP` is its scheme, unless a person named another
/// than `Bearer` (RFC 9449 section 7.1).
base::Secret before_bound_token(const RouteOptions& options);

/// What ends the token's line and the head; lives as long as the process. A quote that the scheme
/// opened is closed.
std::string_view after_token(const RouteOptions& options);

/// True for a client's field that does not go on, because one of ours stands in its place, also if
/// the client writes `_` for `-`, which some servers read as the same name. A DPoP proof never goes
/// on: it is of another token. Where the token goes elsewhere, a client's `Authorization: Bearer`
/// or `DPoP` is a token that nobody needs any more; other schemes (Basic, a signature) go on.
bool is_replaced(const http::Field& field, const RouteOptions& options);

/// The lines of a request's trailer section, which are well-formed, without those that must not go
/// on: they would stand in for a field of ours, or belong to a head alone (RFC 9110 section 6.5.1),
/// for servers that put the ones among the others.
std::string request_trailers(std::string_view lines, const RouteOptions& options);

}  // namespace bearer::relay
