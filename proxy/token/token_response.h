// Reads a token with its lifetime, as a token endpoint, a command or a file gives it. It accepts
// the forms that providers send, beside the one of RFC 6749 section 5.1.
#pragma once

#include <array>
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
#include "token/answer_members.h"

namespace bearer::token {

inline constexpr std::size_t kTokenBytesMax = 16u << 10;  ///< it must fit into a request's head
inline constexpr std::size_t kScopeCharsMax = 1000;       ///< of a granted scope, as it is shown
inline constexpr std::size_t kAttributeCharsMax = 300;    ///< see Attributes
inline constexpr std::size_t kTokenTypeCharsMax = 40;     ///< of a token_type, as it is shown
inline constexpr base::Duration kLifetimeMax = std::chrono::years(10);  ///< a longer one is absurd

/// The members of an answer that may hold a refresh token: RFC 6749's name, then those of servers
/// that write camelCase or PascalCase.
inline constexpr std::array kRefreshTokenNames{"refresh_token", "refreshToken", "RefreshToken"};

/// The members that may hold a lifetime in seconds: RFC 6749's name, then those of servers that
/// write otherwise, and Vault's.
inline constexpr std::array kLifetimeNames{"expires_in",
                                           "expiresIn",
                                           "ExpiresIn",
                                           "expire_in",
                                           "expires_in_seconds",
                                           "expiresInSeconds",
                                           "access_token_expires_in",
                                           "lease_duration"};

/// The members that may hold the lifetime of the refresh token in seconds: Keycloak's name,
/// GitHub's and Microsoft's, Intuit's, and those of servers that write camelCase.
inline constexpr std::array kRefreshLifetimeNames{"refresh_expires_in", "refresh_token_expires_in",
                                                  "x_refresh_token_expires_in", "refreshExpiresIn",
                                                  "refreshTokenExpiresIn"};

struct TokenResponse {
  base::Secret access_token;  ///< is_token(), of at most kTokenBytesMax
  /// nullopt if it is not given, or its value says nothing (null, zero, no number). Some servers
  /// send zero for a token without an end. At most kLifetimeMax.
  std::optional<base::Duration> expires_in;
  /// The end as a time on the giver's clock, if only that was given.
  std::optional<base::WallTime> expires_at = {};
  bool lifetime_is_zero = false;  ///< or less: for a token without an end, or in its last second
  bool lifetime_is_negative = false;
  /// That of the refresh token beside it. nullopt if it is not given, or without an end (zero).
  std::optional<base::Duration> refresh_expires_in = {};
  std::string scope = {};                              ///< printable; empty if not given
  std::map<std::string, std::string> attributes = {};  ///< see Attributes
  std::string remark = {};                             ///< see Fetched
};

/// Describes where a token came from, for a sentence.
struct Wording {
  std::string subject;    ///< `the token's file /run/token`
  std::string fix;        ///< `check token_file`
  bool can_bind = false;  ///< a setting can bind tokens to a key of ours
};

/// A token is sent alone (bearer), or with proofs that we have its key (dpop).
enum class TokenUse { bearer, dpop };

/// Takes the token that `members` names, its lifetime and its scope out of an object, and wipes the
/// secrets in it.
///
/// The lifetime is one of kLifetimeNames, a number or a string with one. If that says nothing, the
/// end is `expires_at`, `expires_on`, `expirationTimestamp`, `expiry`, ASP.NET's `.expires` or the
/// like, in epoch seconds or milliseconds, ISO 8601 or an HTTP-date, in UTC if there is no zone. A
/// lifetime that can only be an epoch is one. Under names that say neither, as `expires`, a small
/// number is a lifetime; one of more than a day counts as milliseconds, since a token that is
/// renewed too early does no harm. For a Bearer token, any token_type is accepted except
/// those of tokens that are bound to a key, which are worth nothing without it. If ours is to be
/// bound, only DPoP is accepted.
///
/// A lifetime that `members` names counts before all of these. If its path leads nowhere, the token
/// is taken, with a remark.
///
/// White space around a token, and its scheme before it, are no part of it: `Bearer abc`.
///
/// Errc::token_malformed if there is no token, if it cannot be written into a head, and if its
/// token_type does not fit; also if a path leads to no text or number: the error names the members
/// that are there.
base::Result<TokenResponse> read_token(nlohmann::json& body, const AnswerMembers& members,
                                       const Wording& wording, TokenUse use);

/// The names of an object's members, bounded, each as a whole. Values are left out: one could be
/// the secret itself.
std::string names_of(const nlohmann::json& body);

/// Reads what a program wrote: a token alone, also after a field's or a program's own words for it
/// (`Authorization: Bearer abc`), or a JSON object or string. By the usual members, an object may
/// be that of az, Get-AzAccessToken, gh or one of kubectl's credential plugins, which have names of
/// their own.
base::Result<TokenResponse> parse_token(const base::Secret& text, const AnswerMembers& members,
                                        const Wording& wording);

/// True if it is not empty, and every byte is visible ASCII: no such byte ends or splits a line of
/// a head. RFC 6750's b64token is narrower than what Salesforce, Amazon and eBay send.
bool is_token(std::string_view text);

}  // namespace bearer::token
