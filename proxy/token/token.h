// A bearer token as the data plane uses it: immutable, shared, numbered.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/secret.h"

namespace bearer::token {

struct Token {
  base::Secret value;            ///< a b64token (RFC 6750 section 2.1): safe to write into a head
  std::uint64_t generation = 0;  ///< 1 for the credential's first token, one more for each next
  base::Instant asked;           ///< for it: what was revoked earlier does not concern it
  base::Instant expires;         ///< not used from this moment on
  std::string upstream = {};     ///< see Fetched: not checked
};

using TokenPtr = std::shared_ptr<const Token>;

}  // namespace bearer::token
