// A token as one process passes it to the others through a store: a text, with what they need to
// plan its renewal.
#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "base/secret.h"
#include "token/fetcher.h"
#include "token/store/store.h"

namespace bearer::token {

struct SharedToken {
  /// Unique for each fetch, so that a new token is recognised even if a server gives the same value
  /// twice.
  std::string publication;
  Fetched token;
};

/// JSON on one line: a format version, the publication, the token, its whole lifetime, its scope
/// and its attributes. The store knows its end, because one process's clock is of no use to
/// another.
base::Secret to_text(const SharedToken& shared);

/// `now` is from before the store was read, so that a slow answer does not prolong the life.
/// nullopt for a text that is no such JSON, has another version, or holds no valid token.
std::optional<SharedToken> from_text(const Kept& kept, base::Instant now);

}  // namespace bearer::token
