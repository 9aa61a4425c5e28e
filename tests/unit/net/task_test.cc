#include "net/task.h"

#include <doctest/doctest.h>

#include <coroutine>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

using namespace bearer;
using net::Task;

namespace {

/// Suspends until the test resumes it.
struct Gate {
  std::coroutine_handle<> waiting;

  auto operator co_await() {
    struct Awaiter {
      Gate& gate;
      bool await_ready() noexcept { return false; }
      void await_suspend(std::coroutine_handle<> coroutine) { gate.waiting = coroutine; }
      void await_resume() noexcept {}
    };
    return Awaiter{*this};
  }
};

Task<int> leaf(Gate& gate, std::shared_ptr<int> held) {
  co_await gate;
  co_return *held;
}

Task<std::string> middle(Gate& gate, std::shared_ptr<int> held) {
  const int value = co_await leaf(gate, held);
  co_return "got " + std::to_string(value);
}

Task<void> root(Gate& gate, std::shared_ptr<int> held, std::string& out) {
  out = co_await middle(gate, held);
}

}  // namespace

TEST_CASE("a task runs when it is started, and its value reaches who awaits it") {
  Gate gate;
  std::string out;
  Task<void> task = root(gate, std::make_shared<int>(7), out);
  CHECK_FALSE(gate.waiting);
  task.start();
  REQUIRE(gate.waiting);
  CHECK_FALSE(task.done());
  gate.waiting.resume();
  CHECK(task.done());
  CHECK(out == "got 7");
}

TEST_CASE("destroying a suspended chain frees everything in it") {
  Gate gate;
  std::string out;
  const auto held = std::make_shared<int>(7);
  {
    Task<void> task = root(gate, held, out);
    task.start();
    CHECK(held.use_count() > 3);
  }
  CHECK(held.use_count() == 1);
  CHECK(out.empty());
}

TEST_CASE("a task that was never started frees its arguments") {
  Gate gate;
  const auto held = std::make_shared<int>(7);
  { const Task<int> task = leaf(gate, held); }
  CHECK(held.use_count() == 1);
}

TEST_CASE("assigning over a suspended task ends it") {
  Gate gate;
  std::string out;
  const auto held = std::make_shared<int>(7);
  Task<void> task = root(gate, held, out);
  task.start();
  task = Task<void>();
  CHECK(held.use_count() == 1);
  CHECK(task.done());
}

namespace {

Task<int> breaks(Gate& gate, std::shared_ptr<int>) {
  co_await gate;
  throw std::runtime_error("broken");
}
Task<void> passes(Gate& gate, std::shared_ptr<int> held) {
  static_cast<void>(co_await breaks(gate, held));
}
Task<void> catches(Gate& gate, std::shared_ptr<int> held, std::string& out) {
  try {
    co_await passes(gate, held);
  } catch (const std::runtime_error& error) {
    out = error.what();
  }
  out += " " + std::to_string(co_await leaf(gate, held));
}

}  // namespace

TEST_CASE("an exception passes the tasks that await its own, and the one that catches it goes on") {
  Gate gate;
  std::string out;
  const auto held = std::make_shared<int>(7);
  Task<void> task = catches(gate, held, out);
  task.start();
  gate.waiting.resume();
  CHECK(out == "broken");
  CHECK_FALSE(task.done());
  CHECK(held.use_count() < 5);  // ours, and those of the tasks that go on
  gate.waiting.resume();
  CHECK(task.done());
  CHECK(out == "broken 7");
}

// Without optimisation, or under a sanitizer, gcc makes no tail call of a symmetric transfer.
#if defined(__OPTIMIZE__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
TEST_CASE("a long loop of tasks that end at once does not grow the stack") {
  struct Sum {
    static Task<int> at_once(int value) { co_return value; }
    static Task<void> run(int count, long& out) {
      for (int i = 0; i < count; ++i) out += co_await at_once(i);
    }
  };
  long sum = 0;
  Task<void> task = Sum::run(1'000'000, sum);
  task.start();
  CHECK(task.done());
  CHECK(sum == 499'999'500'000);
}
#endif
