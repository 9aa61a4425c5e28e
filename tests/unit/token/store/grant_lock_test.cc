#include "token/store/grant_lock.h"

#include <doctest/doctest.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>

#include "tests/support/finished.h"
#include "tests/support/owned_clock.h"
#include "tests/support/temporary_directory.h"

using namespace bearer;
using namespace std::chrono_literals;
using token::GrantLock;

namespace {

/// A process that wants a lock.
struct Wants {
  Wants(net::Loop& loop, GrantLock& lock) : task(test::keep(lock.acquire(loop, turn), held)) {
    task.start();
  }
  bool has() const { return held && held->has_value(); }

  token::FetchTurn turn;
  std::optional<base::Result<void>> held;
  net::Task<void> task;
};

struct Fixture {
  /// Turns the loop a moment later.
  void let_pass(base::Duration duration) {
    clock.advance(duration);
    test::turn(loop);
  }

  test::OwnedClock clock;
  net::Loop loop{clock};
  test::TemporaryDirectory directory, other;
  std::string file = directory.write("grant", "g");
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "one file in two directories, as containers mount it, is one lock") {
  std::filesystem::create_hard_link(file, other.path("grant"));
  GrantLock one(file), two(other.path("grant"));
  const Wants first(loop, one), second(loop, two);
  CHECK(first.has());
  CHECK(two.waits());
  let_pass(1s);
  CHECK_FALSE(second.has());
  one.release();
  let_pass(1s);
  CHECK(second.has());
}

TEST_CASE_FIXTURE(Fixture, "who waits for the file itself keeps nothing that others want") {
  std::filesystem::create_hard_link(file, other.path("grant"));
  GrantLock one(file), two(other.path("grant"));
  const Wants first(loop, one);
  {
    const Wants second(loop, two);
    CHECK(two.waits());
  }
  token::FileLock beside(other.path("grant.lock"), 0);
  CHECK(beside.try_lock().value());
}

TEST_CASE_FIXTURE(Fixture,
                  "a lock that is held is held on, and survives that its file is replaced") {
  GrantLock one(file), two(file);
  const Wants first(loop, one);
  std::filesystem::remove(file);
  directory.write("grant", "next");
  const Wants again(loop, one);
  CHECK(again.has());
  const Wants second(loop, two);
  let_pass(1s);
  CHECK_FALSE(second.has());
  one.release();
  let_pass(1s);
  CHECK(second.has());
}

TEST_CASE_FIXTURE(Fixture, "who waited too long is told which file another process holds") {
  std::filesystem::create_hard_link(file, other.path("grant"));
  GrantLock one(file), two(other.path("grant"));
  const Wants first(loop, one), second(loop, two);
  for (int i = 0; i < 3; ++i) let_pass(token::kGrantPatience);
  REQUIRE(second.held.has_value());
  REQUIRE(second.held->has_error());
  CHECK(second.held->error().detail.find("has not let go of " + other.path("grant") + " for 2 m") !=
        std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "what cannot be locked, because it is not there, holds up nobody") {
  GrantLock nowhere(directory.path("none/grant")), two(directory.path("none/grant"));
  const Wants first(loop, nowhere), second(loop, two);
  CHECK(first.has());
  CHECK(second.has());
}
