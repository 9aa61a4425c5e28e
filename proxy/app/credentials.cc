#include "app/credentials.h"

#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

#include "token/refresh/factory.h"

namespace bearer::app {

CredentialSet::~CredentialSet() {
  std::vector<std::function<void()>> ends;
  for (const auto& [name, refresher] : refreshers_) ends.push_back(refresher->begin_end());
  // All end in one turn of the loop. Else the end of a fetch would let another begin in its place.
  control_.loop().post([ends = std::move(ends)] {
    for (const auto& end : ends) {
      if (end) end();
    }
  });
  refreshers_.clear();
  std::unique_lock lock(retired_mutex_);
  one_ended_.wait(lock, [this] { return retired_.empty(); });
}

CredentialSet::Refreshers CredentialSet::prepare(
    const base::SharedList<token::CredentialOptions>& wanted) {
  Refreshers refreshers;
  for (const base::Shared<token::CredentialOptions>& options : wanted.items()) {
    const auto& before = options_.items();
    const bool unchanged = std::ranges::find(before, options) != before.end();
    refreshers[options->name] = unchanged ? refreshers_.at(options->name) : make(options);
  }
  return refreshers;
}

void CredentialSet::take(Refreshers refreshers,
                         base::SharedList<token::CredentialOptions> options) {
  const std::lock_guard lock(mutex_);
  refreshers_.swap(refreshers);
  options_ = std::move(options);
}

CredentialSet::Refreshers CredentialSet::in_force() const {
  const std::lock_guard lock(mutex_);
  return refreshers_;
}

std::vector<CredentialSet::InForce> CredentialSet::list() const {
  const std::lock_guard lock(mutex_);
  std::vector<InForce> list;
  for (const token::CredentialOptions& options : options_) {
    list.push_back({options.name, options.source_text(), refreshers_.at(options.name)});
  }
  return list;
}

void CredentialSet::refresh_all() const {
  for (const auto& [name, refresher] : in_force()) refresher->refresh_now();
}

void CredentialSet::refresh_stale() const {
  for (const auto& [name, refresher] : in_force()) refresher->refresh_if_stale();
}

std::shared_ptr<token::TokenRefresher> CredentialSet::make(
    const base::Shared<token::CredentialOptions>& options) {
  return {token::make_source(options, control_).release(),
          [this](token::TokenRefresher* refresher) {
            retire(std::unique_ptr<token::TokenRefresher>(refresher));
          }};
}

void CredentialSet::retire(std::unique_ptr<token::TokenRefresher> refresher) {
  token::TokenRefresher& retired = *refresher;
  {
    const std::lock_guard lock(retired_mutex_);
    retired_.push_back(std::move(refresher));
  }
  control_.loop().post([this, &retired, end = retired.begin_end()] {
    if (end) end();
    retired.when_ended([this, &retired] { release(retired); });
  });
}

void CredentialSet::release(const token::TokenRefresher& refresher) {
  std::unique_ptr<token::TokenRefresher> ended;  // destroyed after the lock
  const std::lock_guard lock(retired_mutex_);
  const auto place =
      std::ranges::find(retired_, &refresher, &std::unique_ptr<token::TokenRefresher>::get);
  ended = std::move(*place);
  retired_.erase(place);
  one_ended_.notify_all();
}

}  // namespace bearer::app
