// An expected failure is a value: a Result holds what was asked for, or why it could not be had.
#pragma once

#include <cassert>
#include <concepts>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

#include "base/errc.h"

namespace bearer::base {

struct Error {
  Errc code;
  std::string detail;  ///< for a person; never holds a secret
};

/// Reading the value of a failed Result is a bug of ours, not a failure to be handled.
template <typename E>
[[noreturn]] void throw_no_value(const E& error) {
  throw std::logic_error("value of a failed Result: " + std::string(name(error.code)) + ": " +
                         error.detail);
}

/// A T, or the E that says why there is none. E has a `code` and a `detail`, as Error has. Both are
/// made into a Result by returning them. REQUIRES of error(): a failed Result.
template <typename T, typename E = Error>
class Result {
 public:
  template <typename U = T>
  requires(std::convertible_to<U, T> && !std::same_as<std::remove_cvref_t<U>, Result> &&
           !std::same_as<std::remove_cvref_t<U>, E>) Result(U&& value)
      : held_(std::in_place_index<0>, std::forward<U>(value)) {}
  Result(E error) : held_(std::in_place_index<1>, std::move(error)) {}

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

  const E& error() const& {
    assert(has_error());
    return *std::get_if<1>(&held_);
  }
  E error() && {
    assert(has_error());
    return std::move(*std::get_if<1>(&held_));
  }

 private:
  std::variant<T, E> held_;
};

/// Success, or why there was none.
template <typename E>
class Result<void, E> {
 public:
  Result() = default;
  Result(E error) : error_(std::move(error)) {}

  bool has_value() const { return !error_; }
  bool has_error() const { return error_.has_value(); }
  explicit operator bool() const { return has_value(); }

  void value() const {
    if (error_) throw_no_value(*error_);
  }
  const E& error() const& {
    assert(error_);
    return *error_;
  }
  E error() && {
    assert(error_);
    return std::move(*error_);
  }

 private:
  std::optional<E> error_;
};

}  // namespace bearer::base
