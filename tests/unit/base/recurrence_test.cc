#include "base/recurrence.h"

#include <doctest/doctest.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

using namespace bearer::base;
using namespace std::chrono_literals;

namespace {

constexpr Instant at(Duration time) {
  return Instant(1000s) + time;
}

}  // namespace

TEST_CASE("what comes again and again is told at once, then with its number, once a minute") {
  Recurrence trouble;
  CHECK(trouble.come(at(0s)) == 1);
  for (int i = 1; i < 600; ++i) CHECK_FALSE(trouble.come(at(i * 100ms)));
  CHECK(trouble.come(at(60s)) == 600);
  CHECK_FALSE(trouble.come(at(60s)));
}

TEST_CASE("its end is told once, when it has not come for ten seconds") {
  Recurrence trouble;
  CHECK_FALSE(trouble.gone(at(0s)));
  trouble.come(at(0s));
  trouble.come(at(1s));
  CHECK_FALSE(trouble.gone(at(10s)));
  CHECK(trouble.gone(at(11s)) == 1);
  CHECK_FALSE(trouble.gone(at(12s)));
  CHECK(trouble.come(at(13s)) == 1);
}

TEST_CASE("of repetitions the first, second, fourth and so on are told, with their number") {
  Repetitions failures;
  std::vector<std::int64_t> told;
  for (int i = 0; i < 228; ++i) {
    if (const auto times = failures.come("503 of /", at(i * 150ms))) told.push_back(*times);
  }
  CHECK(told == std::vector<std::int64_t>{1, 2, 4, 8, 16, 32, 64, 128});
  CHECK(failures.come("502 of /", at(35s)) == 1);  // another kind
}

TEST_CASE("a repetition is told a minute after the last line, and begins again after a calm") {
  Repetitions failures;
  for (int i = 0; i < 5; ++i) failures.come("a", at(i * 1s));
  CHECK_FALSE(failures.come("a", at(62s)));
  CHECK(failures.come("a", at(63s)) == 7);
  CHECK(failures.come("a", at(63s)) == 8);
  CHECK_FALSE(failures.come("a", at(63s)));
  CHECK(failures.come("a", at(63s + 5min)) == 1);
}

TEST_CASE("whoever makes up kinds of failures costs no memory") {
  Repetitions failures;
  for (int i = 0; i < 10'000; ++i) CHECK(failures.come(std::to_string(i), at(0s)) == 1);
}
