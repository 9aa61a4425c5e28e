// Runs a coroutine to its end on a thread that may wait for it.
#pragma once

#include <utility>

#include "net/loop.h"
#include "net/task.h"

namespace bearer::net {

namespace detail {

template <typename T>
Task<void> run_root(Loop& loop, Task<T> task, T& result) {
  result = co_await std::move(task);
  loop.stop();
}

}  // namespace detail

/// Returns the result of `task`, or `otherwise` if stop() ended the loop first, from any thread or
/// right before the call. The task and all that it holds are destroyed by then.
template <typename T>
T run(Loop& loop, Task<T> task, T otherwise) {
  T result = std::move(otherwise);
  Task<void> root = detail::run_root(loop, std::move(task), result);
  root.start();
  loop.run();
  return result;
}

}  // namespace bearer::net
