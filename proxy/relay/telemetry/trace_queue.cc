#include "relay/telemetry/trace_queue.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace bearer::relay {

void TraceQueue::push(std::unique_ptr<Trace> trace) {
  const std::lock_guard lock(mutex_);
  if (waiting_.size() >= kTracesMax) {
    lost_ += trace->spans();
    return;
  }
  waiting_.push_back(std::move(trace));
  if (waiting_.size() == kBatch) changed_.notify_all();
}

TraceQueue::Batch TraceQueue::take(base::Duration patience) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, patience, [&] { return closed_ || waiting_.size() >= kBatch; });
  const auto end =
      waiting_.begin() + static_cast<std::ptrdiff_t>(std::min(waiting_.size(), kBatch));
  Batch batch(std::make_move_iterator(waiting_.begin()), std::make_move_iterator(end));
  waiting_.erase(waiting_.begin(), end);
  return batch;
}

void TraceQueue::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  changed_.notify_all();
}

bool TraceQueue::closed_within(base::Duration patience) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, patience, [&] { return closed_; });
}

std::uint64_t TraceQueue::lost() const {
  const std::lock_guard lock(mutex_);
  return lost_;
}

}  // namespace bearer::relay
