#include "app/credentials.h"

#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

#include "token/refresh/factory.h"

namespace bearer::app {

CredentialSet::~CredentialSet() {
  std::vector<std::function<void()>> ends;
  for (const auto& [name, keeper] : keepers_) ends.push_back(keeper->begin_end());
  // All end in one turn of the loop. Else the end of a fetch would let another begin in its place.
  control_.loop().post([ends = std::move(ends)] {
    for (const auto& end : ends) {
      if (end) end();
    }
  });
  keepers_.clear();
  std::unique_lock lock(retired_mutex_);
  one_ended_.wait(lock, [this] { return retired_.empty(); });
}

CredentialSet::Keepers CredentialSet::prepare(
    const base::SharedList<token::CredentialOptions>& wanted) {
  Keepers keepers;
  for (const base::Shared<token::CredentialOptions>& options : wanted.items()) {
    const auto& before = options_.items();
    const bool unchanged = std::ranges::find(before, options) != before.end();
    keepers[options->name] = unchanged ? keepers_.at(options->name) : make(options);
  }
  return keepers;
}

void CredentialSet::take(Keepers keepers, base::SharedList<token::CredentialOptions> options) {
  const std::lock_guard lock(mutex_);
  keepers_.swap(keepers);
  options_ = std::move(options);
}

CredentialSet::Keepers CredentialSet::in_force() const {
  const std::lock_guard lock(mutex_);
  return keepers_;
}

std::vector<CredentialSet::InForce> CredentialSet::list() const {
  const std::lock_guard lock(mutex_);
  std::vector<InForce> list;
  for (const token::CredentialOptions& options : options_) {
    list.push_back({options.name, options.origin(), keepers_.at(options.name)});
  }
  return list;
}

void CredentialSet::kick_all() const {
  for (const auto& [name, keeper] : in_force()) keeper->refresh_now();
}

void CredentialSet::kick_stale() const {
  for (const auto& [name, keeper] : in_force()) keeper->refresh_if_stale();
}

std::shared_ptr<token::TokenRefresher> CredentialSet::make(
    const base::Shared<token::CredentialOptions>& options) {
  return {token::make_source(options, control_).release(), [this](token::TokenRefresher* keeper) {
            retire(std::unique_ptr<token::TokenRefresher>(keeper));
          }};
}

void CredentialSet::retire(std::unique_ptr<token::TokenRefresher> keeper) {
  token::TokenRefresher& retired = *keeper;
  {
    const std::lock_guard lock(retired_mutex_);
    retired_.push_back(std::move(keeper));
  }
  control_.loop().post([this, &retired, end = retired.begin_end()] {
    if (end) end();
    retired.when_ended([this, &retired] { release(retired); });
  });
}

void CredentialSet::release(const token::TokenRefresher& keeper) {
  std::unique_ptr<token::TokenRefresher> ended;  // destroyed after the lock
  const std::lock_guard lock(retired_mutex_);
  const auto place =
      std::ranges::find(retired_, &keeper, &std::unique_ptr<token::TokenRefresher>::get);
  ended = std::move(*place);
  retired_.erase(place);
  one_ended_.notify_all();
}

}  // namespace bearer::app
