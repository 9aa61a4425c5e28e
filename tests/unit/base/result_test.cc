#include "base/result.h"

#include <doctest/doctest.h>

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include "tests/support/said.h"

using bearer::base::Errc;
using bearer::base::Error;
using bearer::base::Result;

namespace {

Result<std::string> found(bool is_there) {
  if (!is_there) return Error{Errc::file_unreadable, "no such file"};
  return "text";
}

Result<void> done(bool well) {
  if (!well) return Error{Errc::file_unwritable, "the disk is full"};
  return {};
}

}  // namespace

TEST_CASE("a result is made of a value, of what converts to one, or of an error") {
  CHECK(found(true));
  CHECK(found(true).value() == "text");
  CHECK(found(true)->size() == 4);
  CHECK_FALSE(found(false));
  CHECK(found(false).error().code == Errc::file_unreadable);
  CHECK(found(false).error().detail == "no such file");
  CHECK(done(true).has_value());
  CHECK(done(false).has_error());
  CHECK(done(false).error().code == Errc::file_unwritable);
}

TEST_CASE("reading the value of a failed result throws, and says why it failed") {
  const auto thrown = [](auto read) {
    try {
      read();
    } catch (const std::logic_error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  const Result<std::string> failed = found(false);
  const std::string expected = "value of a failed Result: file_unreadable: no such file";
  CHECK(thrown([&] { static_cast<void>(failed.value()); }) == expected);
  CHECK(thrown([&] { static_cast<void>(*failed); }) == expected);
  CHECK(thrown([&] { static_cast<void>(failed->size()); }) == expected);
  CHECK(thrown([] { static_cast<void>(*found(false)); }) == expected);
  CHECK(bearer::test::says(thrown([] { done(false).value(); }), "the disk is full"));
}

TEST_CASE("a value that can only be moved is taken out of its result") {
  Result<std::unique_ptr<int>> made = std::make_unique<int>(7);
  const std::unique_ptr<int> taken = *std::move(made);
  CHECK(*taken == 7);
  CHECK(**Result<std::unique_ptr<int>>(std::make_unique<int>(8)) == 8);
}

TEST_CASE("an absent optional is a value") {
  const Result<std::optional<int>> absent = std::optional<int>();
  CHECK(absent.has_value());
  CHECK_FALSE(absent->has_value());
  const Result<std::optional<int>> none = std::nullopt;
  CHECK(none.has_value());
}

TEST_CASE("a copy of a failed result has an error of its own") {
  const Result<void> failed = done(false);
  Result<void> copy = failed;
  const std::string moved = std::move(copy).error().detail;
  CHECK(moved == failed.error().detail);
  copy = failed;
  CHECK(copy.error().detail == moved);
  copy = {};
  CHECK(copy.has_value());
  CHECK(failed.has_error());
  const Result<std::string> missing = found(false);
  Result<std::string> other = found(true);
  other = missing;
  CHECK(other.error().detail == missing.error().detail);
}

TEST_CASE("whoever waits for a failure holds a word of memory for it") {
  CHECK(sizeof(Result<void>) == sizeof(void*));
}
