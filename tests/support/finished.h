// Runs a task of a loop to its end, on the test's own thread.
#pragma once

#include <doctest/doctest.h>

#include <optional>
#include <utility>

#include "net/loop.h"
#include "net/task.h"

namespace bearer::test {

template <typename T>
net::Task<void> keep(net::Task<T> task, std::optional<T>& result) {
  result.emplace(co_await std::move(task));
}
template <typename T>
net::Task<void> keep(net::Task<T> task, std::optional<T>& result, net::Loop& loop) {
  result.emplace(co_await std::move(task));
  loop.stop();
}

/// Returns the result of a task that waits for nothing.
template <typename T>
T finished(net::Task<T> task) {
  std::optional<T> result;
  net::Task<void> root = keep(std::move(task), result);
  root.start();
  REQUIRE(root.done());
  return std::move(*result);
}

inline void finished(net::Task<void> task) {
  task.start();
  REQUIRE(task.done());
}

/// Turns the loop, on the time of its clock, until the task has ended.
template <typename T>
T finished(net::Loop& loop, net::Task<T> task) {
  std::optional<T> result;
  net::Task<void> root = keep(std::move(task), result, loop);
  root.start();
  while (!root.done()) loop.run();
  return std::move(*result);
}

/// One turn, which does not block.
inline void turn(net::Loop& loop) {
  loop.stop();
  loop.run();
}

}  // namespace bearer::test
