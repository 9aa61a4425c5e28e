#include "token/fetch_queue.h"

namespace bearer::token {

/// Joins the queue when it is made, and leaves when it is destroyed, wherever it has got to.
class FetchQueue::Turn {
 public:
  Turn(FetchQueue& queue, const std::string& place, net::Loop& loop)
      : queue_(queue), entry_(queue.places_.try_emplace(place).first), sleeper_(loop) {
    self_ = at().waiting.insert(at().waiting.end(), &sleeper_);
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  ~Turn() {
    if (begun_) {
      --at().under_way;
    } else {
      at().waiting.erase(self_);
    }
    call_next();
    if (at().under_way == 0 && at().waiting.empty()) queue_.places_.erase(entry_);
  }

  /// Waits until the fetch may begin.
  net::Task<void> come() {
    while (at().waiting.front() != &sleeper_ || at().under_way == kFetchesAtOncePerPlace) {
      co_await sleeper_.sleep(base::kNever);
    }
    at().waiting.erase(self_);
    ++at().under_way;
    begun_ = true;
    call_next();
  }

 private:
  Place& at() { return entry_->second; }
  void call_next() {
    if (!at().waiting.empty()) at().waiting.front()->wake();
  }

  FetchQueue& queue_;
  const std::map<std::string, Place>::iterator entry_;
  net::Sleeper sleeper_;
  std::list<net::Sleeper*>::iterator self_;
  bool begun_ = false;
};

net::Task<base::Result<Fetched>> QueuedFetcher::fetch() {
  FetchQueue::Turn turn(queue_, place_, loop_);
  co_await turn.come();
  co_return co_await inner_->fetch();
}

}  // namespace bearer::token
