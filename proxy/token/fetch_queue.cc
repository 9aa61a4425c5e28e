#include "token/fetch_queue.h"

namespace bearer::token {

/// A place in the line, from coming to leaving, however the wait ends.
class FetchTurn::Waiting {
 public:
  explicit Waiting(FetchTurn& turn)
      : turn_(turn),
        line_(turn.queue_->lines_.try_emplace(turn.place_.name).first),
        sleeper_(*turn.loop_),
        self_(waiting().insert(waiting().end(), &sleeper_)) {}
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;
  ~Waiting() {
    turn_.waits_ = false;
    waiting().erase(self_);
    line_->second.call_next();
    turn_.queue_->forget_if_empty(line_);
  }

  bool may_begin() const {
    return line_->second.waiting.front() == &sleeper_ &&
           line_->second.under_way < turn_.place_.at_once;
  }
  net::Task<void> end() {
    while (!may_begin()) {
      turn_.waits_ = true;
      co_await sleeper_.sleep(base::kNever);
    }
  }

 private:
  std::list<net::Sleeper*>& waiting() { return line_->second.waiting; }

  FetchTurn& turn_;
  const FetchQueue::Lines::iterator line_;
  net::Sleeper sleeper_;
  const std::list<net::Sleeper*>::iterator self_;
};

net::Task<void> FetchTurn::take() {
  if (!queue_ || taken_) co_return;
  Waiting waiting(*this);
  co_await waiting.end();
  begin();
}

void FetchTurn::begin() {
  ++queue_->lines_[place_.name].under_way;
  taken_ = true;
}

void FetchTurn::leave() {
  if (!taken_) return;
  taken_ = false;
  const auto line = queue_->lines_.find(place_.name);
  --line->second.under_way;
  line->second.call_next();
  queue_->forget_if_empty(line);
}

net::Task<base::Result<Fetched>> QueuedFetcher::fetch() {
  const FetchTurn::Leaving leaving(*turn_);
  co_await turn_->take();
  co_return co_await inner_->fetch();
}

}  // namespace bearer::token
