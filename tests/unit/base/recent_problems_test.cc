#include "base/recent_problems.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <string>

#include "base/log.h"
#include "tests/support/captured.h"

using namespace bearer;
using namespace std::chrono_literals;
using base::LogLevel;

namespace {

constexpr base::WallTime at(base::Duration since) {
  return base::WallTime(since);
}

}  // namespace

TEST_CASE("a problem that comes again takes one place, in front, and says since when") {
  base::RecentProblems problems;
  problems.add(LogLevel::warning, "retries are used up", "path=/a", at(1s));
  problems.add(LogLevel::error, "refused", "", at(2s));
  problems.add(LogLevel::warning, "retries are used up", "path=/b", at(3s));
  const auto read = problems.read();
  REQUIRE(read.size() == 2);
  CHECK(read[0].sentence == "retries are used up");
  CHECK(read[0].details == "path=/b");
  CHECK(read[0].count == 2);
  CHECK(read[0].first == at(1s));
  CHECK(read[0].last == at(3s));
  CHECK(read[1].level == LogLevel::error);
  CHECK(read[1].count == 1);
}

TEST_CASE("only so many problems are kept, the latest of them") {
  base::RecentProblems problems;
  for (std::size_t i = 0; i <= base::RecentProblems::kKept; ++i) {
    problems.add(LogLevel::warning, "problem " + std::to_string(i), "", at(1s));
  }
  const auto read = problems.read();
  CHECK(read.size() == base::RecentProblems::kKept);
  CHECK(read.front().sentence == "problem " + std::to_string(base::RecentProblems::kKept));
  CHECK(read.back().sentence == "problem 1");
}

TEST_CASE("warnings and errors of the log are kept whatever level is written, others are not") {
  test::captured(STDERR_FILENO, [] {
    base::log(LogLevel::warning, "look at this", {{"where", std::string_view("here and there")}});
    base::log(LogLevel::info, "nothing to see");
  });
  const base::Problem problem = base::recent_problems().front();
  CHECK(problem.sentence == "look at this");
  CHECK(problem.details == "where=\"here and there\"");
}
