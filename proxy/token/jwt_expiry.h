// Reads all that we take from a token: when a JWT says that it ends (RFC 7519 section 4.1.4).
#pragma once

#include <optional>
#include <string_view>

#include "base/clock.h"

namespace bearer::token {

/// The `exp` of a token that is a JWT: three base64url parts, the second a JSON object with a
/// number under `exp`, integer or decimal, or a string of an integer. nullopt for everything else.
/// Nothing is verified and nothing else is trusted: the upstream judges the token; this only tells
/// when to renew it.
std::optional<base::WallTime> jwt_expiry(std::string_view token);

}  // namespace bearer::token
