// A coroutine that starts when it is awaited. The holder of its Task owns it.
//
// Destroying a suspended Task destroys its frame and everything in it, including the tasks that it
// awaits. So a session ends at any point by destroying one object. All on one thread.
//
// Failures are values. An exception is a bug (or memory ran out): it ends each task that it passes,
// reaches whoever awaits that one, and ends the process at a root.
#pragma once

#include <coroutine>
#include <cstddef>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

#include "net/recycler.h"

namespace bearer::net {

template <typename T>
class Task;

namespace detail {

/// True between the end of a task by an exception and the throw in the one that awaits it. Nothing
/// else runs on the thread in between, so no promise needs room for an exception.
inline constinit thread_local bool escaping = false;

/// Keeps the exception that is being handled. REQUIRES: in a handler.
void keep_exception() noexcept;
[[noreturn, gnu::cold]] void rethrow_kept();

struct PromiseBase : recycler::Recycled {
  std::coroutine_handle<> awaiting;  ///< resumed at the end; null for a root

  std::suspend_always initial_suspend() noexcept { return {}; }

  struct FinalAwaiter {
    bool await_ready() noexcept { return false; }
    template <typename P>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<P> ended) noexcept {
      std::coroutine_handle<> next = ended.promise().awaiting;
      return next ? next : std::noop_coroutine();
    }
    void await_resume() noexcept {}
  };
  FinalAwaiter final_suspend() noexcept { return {}; }

  [[gnu::cold]] void unhandled_exception() noexcept {
    if (!awaiting) std::terminate();
    keep_exception();
  }
};

template <typename T>
struct Promise : PromiseBase {
  std::optional<T> value;
  Task<T> get_return_object();
  template <typename U = T>
  void return_value(U&& result) {
    value.emplace(std::forward<U>(result));
  }
};

template <>
struct Promise<void> : PromiseBase {
  Task<void> get_return_object();
  void return_void() noexcept {}
};

}  // namespace detail

template <typename T>
class [[nodiscard]] Task {
 public:
  using promise_type = detail::Promise<T>;
  using Handle = std::coroutine_handle<promise_type>;

  Task() = default;
  explicit Task(Handle frame) : frame_(frame) {}
  Task(Task&& other) noexcept : frame_(std::exchange(other.frame_, {})) {}
  Task& operator=(Task&& other) noexcept {
    if (this != &other) {
      if (frame_) frame_.destroy();
      frame_ = std::exchange(other.frame_, {});
    }
    return *this;
  }
  ~Task() {
    if (frame_) frame_.destroy();
  }

  /// Runs a root until it first suspends. done() tells when it has ended.
  void start() { frame_.resume(); }
  bool done() const { return !frame_ || frame_.done(); }

  // For co_await. The task is its own awaiter: another object would be in the frame of each
  // coroutine that waits, once for each of its co_awaits.
  bool await_ready() const noexcept { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> awaiting) noexcept {
    frame_.promise().awaiting = awaiting;
    return frame_;
  }
  T await_resume() {
    if (detail::escaping) [[unlikely]]
      detail::rethrow_kept();
    if constexpr (!std::is_void_v<T>) return std::move(*frame_.promise().value);
  }

 private:
  Handle frame_;
};

namespace detail {

template <typename T>
Task<T> Promise<T>::get_return_object() {
  return Task<T>(std::coroutine_handle<Promise<T>>::from_promise(*this));
}
inline Task<void> Promise<void>::get_return_object() {
  return Task<void>(std::coroutine_handle<Promise<void>>::from_promise(*this));
}

}  // namespace detail
}  // namespace bearer::net
