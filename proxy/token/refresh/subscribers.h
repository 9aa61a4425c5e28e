// Notifies the parts that subscribe to the changes of a credential's state.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "token/source.h"

namespace bearer::token {

/// Thread-safe. Handles may be destroyed by any thread, by a callback too, and must not outlive it.
class Subscribers {
 public:
  /// The handle's destructor waits for a call in progress on another thread. After it, the callback
  /// is never called again.
  std::unique_ptr<Subscription> add(std::function<void()> callback);

  /// Calls every callback, one after the other, on this thread. A callback that throws keeps
  /// nobody from being called: see base::notify().
  void notify();

 private:
  struct Entry {
    std::recursive_mutex mutex;  // held during the call; recursive: it may end its own subscription
    std::function<void()> callback;
    bool active = true;
  };
  class Handle;

  void remove(const std::shared_ptr<Entry>& entry);

  std::mutex mutex_;
  std::vector<std::shared_ptr<Entry>> entries_;
};

}  // namespace bearer::token
