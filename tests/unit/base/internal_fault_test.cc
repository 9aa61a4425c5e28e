#include "base/internal_fault.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>
#include <string>

#include "tests/support/captured.h"
#include "tests/support/said.h"

using namespace bearer;

namespace {

// Of this test alone: what has recurred elsewhere is not logged each time.
struct Oversight : std::out_of_range {
  using std::out_of_range::out_of_range;
};
struct Slip : std::logic_error {
  using std::logic_error::logic_error;
};

std::string logged(int times) {
  return test::captured(STDERR_FILENO, [&] {
    for (int i = 0; i < times; ++i) {
      base::notify("a listener was not told of noon", [] { throw Oversight("token-8842"); });
    }
  });
}

}  // namespace

TEST_CASE("a part that throws misses that event, is logged by the bug's type, and told the next") {
  int told = 0;
  const auto listen = [&] {
    if (++told == 1) throw Slip("token-7311");
  };
  const std::string log = test::captured(STDERR_FILENO, [&] {
    base::notify("a listener was not told of dusk", listen);
    base::notify("a listener was not told of dusk", listen);
  });
  CHECK(told == 2);
  CHECK(test::says(log, "a listener was not told of dusk because of a bug in this program"));
  CHECK(test::says(log, "Slip"));
  CHECK(test::says(log, "internal_fault"));
  CHECK(test::says(log, "report it together with this line"));
  CHECK_FALSE(test::says(log, "token-7311"));
  CHECK(std::ranges::count(log, '\n') == 1);
}

TEST_CASE("a bug that meets every event does not fill the log") {
  const std::string log = logged(100);
  CHECK(std::ranges::count(log, '\n') == 7);  // the 1st, 2nd, 4th … 64th
  CHECK_FALSE(test::says(log, "token-8842"));
}

TEST_CASE("memory that has run out is no part's bug, and goes on") {
  CHECK_THROWS_AS(base::notify("nobody was told", [] { throw std::bad_alloc(); }), std::bad_alloc);
}
