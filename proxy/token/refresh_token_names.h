// The members of an answer that may hold a refresh token.
#pragma once

#include <array>

namespace bearer::token {

/// RFC 6749's name, then those of servers that write camelCase or PascalCase.
inline constexpr std::array kRefreshTokenNames{"refresh_token", "refreshToken", "RefreshToken"};

}  // namespace bearer::token
