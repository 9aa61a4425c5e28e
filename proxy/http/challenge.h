// The challenges of WWW-Authenticate (RFC 9110 section 11.6.1), as RFC 6750 section 3 uses them.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "http/fields.h"

namespace bearer::http {

/// An upstream's own words for why it refused a token, fit for a log: printable ASCII (all else is
/// a `?`), at most kChallengeTextBytesMax each, empty where the challenge does not say.
struct BearerChallenge {
  std::string error;
  std::string description;
  std::string scope;

  bool operator==(const BearerChallenge&) const = default;
};
inline constexpr std::size_t kChallengeTextBytesMax = 256;

/// The first Bearer or DPoP (RFC 9449 section 7.1) challenge that names an error, else the first
/// one; nullopt if there is none.
std::optional<BearerChallenge> bearer_challenge(const FieldList& fields);

/// True if a challenge of any scheme says error="insufficient_scope": a new token would not help.
bool insufficient_scope(const FieldList& fields);
/// True if one says error="invalid_token": expired, revoked or malformed. RFC 6750 wants a 401 for
/// it; some APIs say it with another status.
bool invalid_token(const FieldList& fields);

/// True if one says error="use_dpop_nonce" (RFC 9449 section 9): the proof lacks the server's
/// nonce. That says nothing of the token.
bool wants_dpop_nonce(const FieldList& fields);
/// More is no nonce: each proof carries it.
inline constexpr std::size_t kDpopNonceBytesMax = 1024;
/// Returns the value of DPoP-Nonce; empty where there is no such field or more than one, or where
/// it is too long or holds a character that a nonce may not (RFC 9449 section 8.1).
std::string_view dpop_nonce(const FieldList& fields);

}  // namespace bearer::http
