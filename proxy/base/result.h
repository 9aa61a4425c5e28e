// Expected failures are values: a Result holds what was asked for, or why it could not be had.
#pragma once

#include <cassert>
#include <concepts>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

#include "base/clock.h"
#include "base/errc.h"

namespace bearer::base {

struct Error {
  Errc code;
  std::string detail;                              ///< what happened; never holds a secret
  std::string fix = {};                            ///< what to do; empty: `detail` says it
  std::optional<base::Duration> retry_after = {};  ///< a server asks for no request before then

  /// For a person: what happened and, after a colon, what to do.
  [[gnu::cold]] std::string sentence() const { return fix.empty() ? detail : detail + ": " + fix; }
};

/// Reading the value of a failed Result is a bug of ours, not a failure to handle.
[[noreturn, gnu::cold]] inline void throw_no_value(const Error& error) {
  throw std::logic_error("value of a failed Result: " + std::string(name(error.code)) + ": " +
                         error.detail);
}

// Code that reports a failure is cold: the compiler moves it away from the code of requests that
// meet none, which has to share the processor's first cache.

/// A T, or the Error that says why there is none. Return either one to make a Result. REQUIRES for
/// error(): a failed Result.
template <typename T>
class Result {
 public:
  template <typename U = T>
  requires(std::convertible_to<U, T> && !std::same_as<std::remove_cvref_t<U>, Result> &&
           !std::same_as<std::remove_cvref_t<U>, Error>) Result(U&& value)
      : held_(std::in_place_index<0>, std::forward<U>(value)) {}
  [[gnu::cold]] Result(Error error) : held_(std::in_place_index<1>, std::move(error)) {}

  bool has_value() const { return held_.index() == 0; }
  bool has_error() const { return !has_value(); }
  explicit operator bool() const { return has_value(); }

  T& value() & {
    if (!has_value()) throw_no_value(error());
    return *std::get_if<0>(&held_);
  }
  const T& value() const& { return const_cast<Result*>(this)->value(); }
  T&& value() && { return std::move(value()); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(value()); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  const Error& error() const& {
    assert(has_error());
    return *std::get_if<1>(&held_);
  }
  Error error() && {
    assert(has_error());
    return std::move(*std::get_if<1>(&held_));
  }

 private:
  std::variant<T, Error> held_;
};

/// Success, or the Error that prevented it.
template <>
class Result<void> {
 public:
  Result() = default;
  [[gnu::cold]] Result(Error error) : error_(std::move(error)) {}

  bool has_value() const { return !error_; }
  bool has_error() const { return error_.has_value(); }
  explicit operator bool() const { return has_value(); }

  void value() const {
    if (error_) throw_no_value(*error_);
  }
  const Error& error() const& {
    assert(error_);
    return *error_;
  }
  Error error() && {
    assert(error_);
    return std::move(*error_);
  }

 private:
  std::optional<Error> error_;
};

}  // namespace bearer::base
