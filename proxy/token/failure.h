// Why no token could be had, in the words that a person needs and the terms that the keeper needs.
#pragma once

#include <boost/system/result.hpp>
#include <optional>
#include <stdexcept>
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

/// Reading the value of a failed Outcome is a bug of ours.
[[noreturn]] inline void throw_exception_from_error(const Failure& failure,
                                                    const boost::source_location&) {
  throw std::logic_error("value of a failed Outcome: " + failure.error().detail);
}

template <typename T>
using Outcome = boost::system::result<T, Failure>;

}  // namespace bearer::token
