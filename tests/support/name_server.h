// A name server whose answers are the test's to say.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "net/resolver.h"
#include "tests/support/owned_loop.h"

namespace bearer::test {

/// For the test's thread.
class NameServer {
 public:
  using Answer = base::Result<net::SocketAddresses>;

  NameServer() = default;
  explicit NameServer(Answer answer) { says(std::move(answer)); }
  ~NameServer() { hangs(false); }
  NameServer(const NameServer&) = delete;
  NameServer& operator=(const NameServer&) = delete;

  /// From now on, whatever the name.
  void says(Answer answer) {
    const std::lock_guard lock(state_->mutex);
    state_->answer = std::move(answer);
  }
  /// Leaves questions unanswered until it hangs no more.
  void hangs(bool hangs) {
    const std::lock_guard lock(state_->mutex);
    state_->hangs = hangs;
    state_->changed.notify_all();
  }
  int asked() const {
    const std::lock_guard lock(state_->mutex);
    return state_->asked;
  }
  net::Resolver& resolver() { return resolver_; }
  /// Blocks until what was asked so far was answered: by one thread, so in order.
  void settle(OwnedLoop& owned) {
    std::promise<void> reached;
    resolver_.resolve("", 0, [&](auto) { reached.set_value(); });
    reached.get_future().wait();
    owned.turn();
  }

 private:
  struct State {
    Answer ask(bool counted) {
      std::unique_lock lock(mutex);
      if (counted) ++asked;
      changed.wait(lock, [this] { return !hangs; });
      return answer;
    }

    std::mutex mutex;
    std::condition_variable changed;
    Answer answer = base::Error{base::Errc::resolve_failed, "nothing was said"};
    bool hangs = false;
    int asked = 0;
  };
  const std::shared_ptr<State> state_ = std::make_shared<State>();
  net::Resolver resolver_{[state = state_](const std::string& host, std::uint16_t) {
                            return state->ask(!host.empty());
                          },
                          1};
};

}  // namespace bearer::test
