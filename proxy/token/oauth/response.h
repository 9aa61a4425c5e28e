// Reads a token endpoint's answer (RFC 6749 section 5). Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"
#include "token/oauth/endpoint.h"

namespace bearer::token {

inline constexpr std::size_t kTokenBytesMax = 16u << 10;  ///< it must fit into a request's head
inline constexpr std::size_t kScopeCharsMax = 1000;       ///< of a granted scope that is shown
inline constexpr std::size_t kUpstreamCharsMax = 300;     ///< a longer one is no https origin

struct TokenResponse {
  base::Secret access_token;  ///< a b64token of at most kTokenBytesMax
  /// Not given, or a value that says nothing (null, zero, no number): nullopt. Zero is what some
  /// servers send for a token without an end. At most kLifetimeMax.
  std::optional<base::Duration> expires_in;
  std::string scope;          ///< printable; empty if not given
  std::string upstream = {};  ///< see Fetched
};

/// A missing token_type is taken for Bearer, as other clients do: the token is used as nothing else
/// either way. Any other type, a token that is no b64token, and one whose expires_in is negative,
/// is token_malformed and never leaves here. An answer with an OAuth error in it is classified by
/// error_response.h, whatever its status. `upstream_member` is the one that names the upstream;
/// empty: none does.
base::Result<TokenResponse> parse_response(const Answer& answer,
                                           const std::string& upstream_member = {});

/// Where a token is from if it is not from a token endpoint's answer, in words.
struct Origin {
  std::string subject;  ///< begins a sentence: `the output of the token command`
  std::string fix;      ///< `check token_command`
};

/// A token alone, white space around it left out, or a JSON object with the members of a token
/// endpoint's answer. The same checks as parse_response()'s.
base::Result<TokenResponse> parse_token(const base::Secret& text, const Origin& origin);

/// The refresh token that came with an answer (RFC 6749 section 6), whatever else is wrong with it:
/// the old one may be worth nothing from now on. Empty if there is none.
base::Secret rotated_refresh_token(const Answer& answer);

/// RFC 6750 section 2.1: safe to be written into a head.
bool is_b64token(std::string_view text);

}  // namespace bearer::token
