// The challenges of WWW-Authenticate (RFC 9110 section 11.6.1), as RFC 6750 section 3 uses them.
#pragma once

#include <optional>
#include <string>

#include "http/fields.h"

namespace bearer::http {

/// Why an upstream refused a token, in its own words, fit for a log: printable ASCII (anything else
/// is a `?`), at most kChallengeTextBytesMax each, empty where the challenge does not say.
struct BearerChallenge {
  std::string error;
  std::string description;
  std::string scope;

  bool operator==(const BearerChallenge&) const = default;
};
inline constexpr std::size_t kChallengeTextBytesMax = 256;

/// The first Bearer challenge that names an error, else the first one; nullopt if there is none.
std::optional<BearerChallenge> bearer_challenge(const FieldList& fields);

/// True if a challenge of any scheme says error="insufficient_scope": a new token would not help.
bool insufficient_scope(const FieldList& fields);
/// True if one says error="invalid_token": expired, revoked or malformed. RFC 6750 wants a 401 for
/// it; some APIs say it with another status.
bool invalid_token(const FieldList& fields);

}  // namespace bearer::http
