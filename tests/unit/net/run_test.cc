#include "net/run.h"

#include <doctest/doctest.h>

#include "base/clock.h"

using namespace bearer;

namespace {

net::Task<int> after_turns(net::Loop& loop, int turns) {
  net::Sleeper sleeper(loop);
  for (int i = 0; i < turns; ++i) co_await sleeper.let_others_go();
  co_return turns;
}

net::Task<int> never(net::Loop& loop, bool& gone) {
  struct Farewell {
    bool& gone;
    ~Farewell() { gone = true; }
  } farewell{gone};
  net::Sleeper sleeper(loop);
  for (;;) co_await sleeper.sleep(base::kNever);
}

}  // namespace

TEST_CASE("a coroutine runs to its end, be it at once or after some turns, one after the other") {
  net::Loop loop(base::system_clock());
  for (const int turns : {0, 3, 1}) CHECK(net::run(loop, after_turns(loop, turns), -1) == turns);
}

TEST_CASE("a loop that was stopped before gives the other result, and nothing is left") {
  net::Loop loop(base::system_clock());
  bool gone = false;
  loop.stop();
  CHECK(net::run(loop, never(loop, gone), -1) == -1);
  CHECK(gone);
}
