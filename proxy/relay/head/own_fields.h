// The fields that the proxy adds to every request of a route: those that are configured, and the
// one that carries the token.
#pragma once

#include <string_view>

#include "base/secret.h"
#include "http/fields.h"
#include "relay/options.h"

namespace bearer::relay {

/// The lines of the fixed fields, then that of the token up to the token itself: `Authorization:
/// Bearer `. A scheme is followed by a space, unless it ends in `=` or `="`.
base::Secret before_token(const RouteOptions& options);
/// The same for a token that is bound to a key. Its scheme is `DPoP`, unless one other than
/// `Bearer` is configured (RFC 9449 section 7.1).
base::Secret before_bound_token(const RouteOptions& options);

/// The bytes that end the token's line and the head; they live as long as the process. They close a
/// quote that the scheme opened.
std::string_view after_token(const RouteOptions& options);

/// True for a client's field that is not forwarded because ours replaces it, also if the client
/// writes `_` for `-`, which some servers read as the same name. A DPoP proof is never forwarded:
/// it is for another token. If the token goes into another field, a client's `Authorization:
/// Bearer` or `DPoP` is a token that nobody needs; other schemes (Basic, a signature) are
/// forwarded.
bool is_replaced(const http::Field& field, const RouteOptions& options);

/// True for a trailer of a request that must not go on. Some servers put trailers among the head's
/// fields, where it would stand in for a field of ours, or belongs to a head alone (RFC 9110
/// section 6.5.1).
bool is_kept_from_trailers(const http::Field& field, const RouteOptions& options);

}  // namespace bearer::relay
