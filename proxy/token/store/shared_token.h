// A token as one process hands it to the others by way of a store: as text, with what the others
// need to plan with it.
#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "base/secret.h"
#include "token/fetcher.h"
#include "token/store/store.h"

namespace bearer::token {

struct SharedToken {
  /// Each fetch's own, so that a token is told from the one before even where a server gives the
  /// same value twice.
  std::string publication;
  Fetched token;
};

/// JSON on one line: a format version, the publication, the token, its whole life, its scope and
/// its attributes. Its end is the store's to know: no clock of one process is of use to another.
base::Secret to_text(const SharedToken& shared);

/// `now` is from before the store was asked, so that a slow answer makes no life longer. nullopt
/// for what is no such text, of another version, or holds what is no b64token.
std::optional<SharedToken> from_text(const Kept& kept, base::Instant now);

}  // namespace bearer::token
