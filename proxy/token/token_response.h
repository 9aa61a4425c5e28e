// A token with its lifetime, as a token endpoint, a command or a file gives it. Read as it was
// meant: the forms are those that providers send, beside the one of RFC 6749 section 5.1.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"

namespace bearer::token {

inline constexpr std::size_t kTokenBytesMax = 16u << 10;  ///< it must fit into a request's head
inline constexpr std::size_t kScopeCharsMax = 1000;       ///< of a granted scope that is shown
inline constexpr std::size_t kAttributeCharsMax = 300;    ///< see Attributes
inline constexpr std::size_t kTokenTypeCharsMax = 40;     ///< that are shown
inline constexpr base::Duration kLifetimeMax = std::chrono::years(10);  ///< absurd beyond

struct TokenResponse {
  base::Secret access_token;  ///< is_token(), of at most kTokenBytesMax
  /// Not given, or a value that says nothing (null, zero, no number): nullopt. Zero is what some
  /// servers send for a token without an end. At most kLifetimeMax.
  std::optional<base::Duration> expires_in;
  /// The end as a moment, by the giver's clock, where that is all that was said.
  std::optional<base::WallTime> expires_at = {};
  bool lifetime_is_zero = false;  ///< for a token without an end, or in its last second
  std::string scope = {};         ///< printable; empty if not given
  std::map<std::string, std::string> attributes = {};  ///< see Attributes
  std::string remark = {};                             ///< see Fetched
};

/// For a sentence about where a token came from.
struct Origin {
  std::string subject;    ///< `the token's file /run/token`
  std::string fix;        ///< `check token_file`
  bool can_bind = false;  ///< a setting has it bind tokens to a key of ours
};

/// The members of an answer that may hold the token. `any_known` has some of other programs too: of
/// az, of kubectl's credential plugins, of gh.
enum class TokenMembers { access_token, any_known };
/// The token is sent alone, or with proofs that our key is here.
enum class TokenUse { bearer, dpop };

/// Takes token, lifetime and scope out of an object; the secrets that it holds are wiped there.
///
/// The lifetime is `expires_in` or `expiresIn`, a number or a string of one; where it says nothing
/// `expires_at`, `expires_on`, `expirationTimestamp`, ASP.NET's `.expires` and their like, in epoch
/// seconds or milliseconds, ISO 8601 or an HTTP-date; without a zone in UTC. A lifetime that can
/// only be an epoch is one. As a Bearer token any token_type is taken but for those of a token that
/// is bound to a key, which is worth nothing without that; where ours is to be bound, DPoP alone
/// is.
///
/// Errc::token_malformed where there is no token, where it cannot be written into a head, where its
/// token_type will not do, and where its lifetime is negative.
base::Result<TokenResponse> read_token(nlohmann::json& body, TokenMembers members,
                                       const Origin& origin, TokenUse use = TokenUse::bearer);

/// The names of an object's members, bounded: a value could be the secret itself.
std::string names_of(const nlohmann::json& body);

/// A token alone, white space around it left out, or a JSON object or string.
base::Result<TokenResponse> parse_token(const base::Secret& text, const Origin& origin);

/// Not empty, and every byte is visible ASCII: no such byte ends or splits a line of a head. RFC
/// 6750's b64token is narrower than what Salesforce, Amazon and eBay send.
bool is_token(std::string_view text);

}  // namespace bearer::token
