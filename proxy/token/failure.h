// Why no token could be had, in the words that a person needs and the terms that the keeper needs.
#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "base/errc.h"
#include "base/result.h"

namespace bearer::token {

struct Failure {
  base::Errc code;     ///< one of token_*, file_unreadable or file_unwritable
  std::string detail;  ///< what happened; never holds a secret
  std::string fix;     ///< the setting to look at, or what to do; may be empty
  std::optional<base::Duration> retry_after = {};  ///< the server asks for no request before that

  /// One sentence for a person, the mend at its end.
  base::Error error() const { return {code, fix.empty() ? detail : detail + ": " + fix}; }
};

template <typename T>
using Outcome = base::Result<T, Failure>;

}  // namespace bearer::token
