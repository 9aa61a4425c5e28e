#include "base/recent_problems.h"

#include <algorithm>
#include <utility>

namespace bearer::base {

void RecentProblems::add(LogLevel level, std::string_view sentence, std::string details,
                         WallTime now) {
  const std::lock_guard lock(mutex_);
  Problem problem{level, std::string(sentence), std::move(details), now, now, 1};
  const auto before = std::ranges::find_if(kept_, [&](const Problem& one) {
    return one.level == level && one.sentence == problem.sentence;
  });
  if (before != kept_.end()) {
    problem.first = before->first;
    problem.count = before->count + 1;
    kept_.erase(before);
  }
  kept_.push_front(std::move(problem));
  if (kept_.size() > kKept) kept_.pop_back();
}

std::vector<Problem> RecentProblems::read() const {
  const std::lock_guard lock(mutex_);
  return {kept_.begin(), kept_.end()};
}

}  // namespace bearer::base
