// Reads the challenges of WWW-Authenticate (RFC 9110 section 11.6.1, RFC 6750 section 3).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "http/fields.h"

namespace bearer::http {

/// An upstream's own words about why it refused a token: printable ASCII (anything else is a `?`),
/// empty if the challenge does not say. Whoever shows them removes the token that was sent, and
/// then shortens them to kChallengeTextBytesMax each.
struct BearerChallenge {
  std::string error;
  std::string description;
  std::string scope;

  bool operator==(const BearerChallenge&) const = default;
};
inline constexpr std::size_t kChallengeTextBytesMax = 256;

/// The first Bearer or DPoP challenge (RFC 9449 section 7.1) that names an error, else the first
/// one of these; nullopt if there is none.
std::optional<BearerChallenge> bearer_challenge(const FieldList& fields);

/// True if a challenge of any scheme says error="insufficient_scope": a new token would not help.
bool insufficient_scope(const FieldList& fields);
/// True if a challenge says error="invalid_token": expired, revoked or malformed. RFC 6750 requires
/// a 401 for it; some APIs use another status.
bool invalid_token(const FieldList& fields);

/// True if a challenge says error="use_dpop_nonce" (RFC 9449 section 9): the proof lacks the
/// server's nonce. That says nothing about the token.
bool wants_dpop_nonce(const FieldList& fields);
/// A longer value is not a nonce, because each proof carries it.
inline constexpr std::size_t kDpopNonceBytesMax = 1024;
/// Returns the value of DPoP-Nonce; empty if there is no such field or more than one, if it is too
/// long, or if it holds a character that a nonce must not have (RFC 9449 section 8.1).
std::string_view dpop_nonce(const FieldList& fields);

}  // namespace bearer::http
