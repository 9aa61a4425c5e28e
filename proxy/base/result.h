// An expected failure is a value: a Result holds what was asked for, or why it could not be had.
#pragma once

#include <boost/system/result.hpp>
#include <stdexcept>
#include <string>

#include "base/errc.h"

namespace bearer::base {

struct Error {
  Errc code;
  std::string detail;  ///< for a person; never holds a secret
};

/// Reading the value of a failed Result is a bug of ours, not a failure to be handled.
[[noreturn]] inline void throw_exception_from_error(const Error& error,
                                                    const boost::source_location&) {
  throw std::logic_error("value of a failed Result: " + std::string(name(error.code)) + ": " +
                         error.detail);
}

template <typename T>
using Result = boost::system::result<T, Error>;

}  // namespace bearer::base
