// The connections that one event loop serves, each with a coroutine of its own. They begin, end by
// themselves, and are then freed by a reaper.
#pragma once

#include <coroutine>
#include <cstddef>
#include <exception>
#include <functional>
#include <iterator>
#include <list>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "net/loop.h"
#include "net/recycler.h"
#include "net/task.h"

namespace bearer::wire {

template <typename Client>
class Sessions;

/// The coroutine that serves one of the clients of a Sessions, and tells them when it has come to
/// its end. Destroying it ends it where it stands: then nobody is told.
template <typename Client>
class [[nodiscard]] SessionTask {
 public:
  struct Promise : net::recycler::Recycled {
    SessionTask get_return_object() { return SessionTask(Handle::from_promise(*this)); }
    std::suspend_always initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    void return_void() { sessions->ended(client); }
    void unhandled_exception() noexcept { std::terminate(); }

    Sessions<Client>* sessions = nullptr;
    typename std::list<Client>::iterator client;
  };
  using promise_type = Promise;
  using Handle = std::coroutine_handle<Promise>;

  SessionTask() = default;
  explicit SessionTask(Handle frame) : frame_(frame) {}
  SessionTask(SessionTask&& other) noexcept : frame_(std::exchange(other.frame_, {})) {}
  SessionTask& operator=(SessionTask&& other) noexcept {
    std::swap(frame_, other.frame_);
    return *this;
  }
  ~SessionTask() {
    if (frame_) frame_.destroy();
  }

  /// Runs until it first suspends. Called once.
  void start(Sessions<Client>& sessions, typename std::list<Client>::iterator client) {
    frame_.promise().sessions = &sessions;
    frame_.promise().client = client;
    frame_.resume();
  }

 private:
  Handle frame_;
};

/// A Client has a member for this class: `session`, a SessionTask<Client>, which is its last one.
/// Used on the loop's thread.
template <typename Client>
class Sessions {
 public:
  /// `reaped`, if any, is called after the ended clients were freed, and after wake_reaper(). Its
  /// argument is how many clients there were before.
  explicit Sessions(net::Loop& loop, std::function<void(std::size_t before)> reaped = {})
      : reaped_(std::move(reaped)), reaper_wake_(loop), reaper_(reap()) {
    reaper_.start();
  }

  /// `serve` makes the coroutine that serves the client.
  template <typename Serve, typename... Args>
  void begin(Serve serve, Args&&... args) {
    Client& client = clients_.emplace_back(std::forward<Args>(args)...);
    client.session = serve(client);
    client.session.start(*this, std::prev(clients_.end()));
  }
  /// The number of clients that have not ended.
  std::size_t serving() const { return clients_.size() - ended_.size(); }
  /// All clients in the order in which they came, the ended ones included until free_ended(). To
  /// erase a client ends its session where it stands.
  std::list<Client>& all() { return clients_; }
  void free_ended() {
    for (const auto& client : std::exchange(ended_, {})) clients_.erase(client);
  }
  void wake_reaper() { reaper_wake_.wake(); }
  /// Ends all sessions where they stand. REQUIRES: the loop is not turning.
  void clear() {
    ended_.clear();
    clients_.clear();
  }

  /// For a SessionTask alone: its client's session has come to its end. A coroutine cannot free its
  /// own frame, so the reaper does, in the loop's next turn.
  void ended(typename std::list<Client>::iterator client) {
    ended_.push_back(client);
    reaper_wake_.wake();
  }

 private:
  net::Task<void> reap() {
    for (;;) {
      co_await reaper_wake_.sleep(base::kNever);
      const std::size_t before = clients_.size();
      free_ended();
      if (reaped_) reaped_(before);
    }
  }

  const std::function<void(std::size_t)> reaped_;
  std::list<Client> clients_;
  std::vector<typename std::list<Client>::iterator> ended_;
  net::Sleeper reaper_wake_;
  net::Task<void> reaper_;  ///< last: it refers to all of the above
};

}  // namespace bearer::wire
