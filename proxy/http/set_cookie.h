// Adapts a Set-Cookie field of the upstream's to the address at which the client sees it (RFC
// 6265bis section 4.1).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "http/links.h"

namespace bearer::http {

/// Returns the value to relay instead, or nullopt: it is relayed as it is.
///
/// A Domain that covers the upstream's host is removed, so that the cookie belongs to the host that
/// the client named; a foreign one stays. Path follows the base path and the prefix. The client
/// speaks plain http to us, so Secure is removed, and with it the attributes that agents accept
/// only beside it: SameSite=None and Partitioned. Cookies named `__Host-` or `__Secure-` must be
/// Secure and are not changed.
std::optional<std::string> rewrite_set_cookie(std::string_view value, const LinkMap& map);

}  // namespace bearer::http
