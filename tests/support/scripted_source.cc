#include "tests/support/scripted_source.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/digest.h"
#include "base/encoding.h"

namespace bearer::test {

struct ScriptedSource::Subscription final : token::Subscription {
  Subscription(ScriptedSource& its_source, int its_number)
      : source(its_source), number(its_number) {}
  ~Subscription() override {
    const std::lock_guard lock(source.mutex_);
    source.subscribers_.erase(number);
  }
  ScriptedSource& source;
  const int number;
};

void ScriptedSource::set_token(const std::string& value, base::Duration asked_ago) {
  const std::uint64_t generation = state_.token ? state_.token->generation + 1 : 1;
  const base::Instant now = clock_.now();
  state_.former = generation - 1 > refused_ ? state_.token : nullptr;
  state_.token = std::make_shared<const token::Token>(
      token::Token{base::Secret(value),
                   generation,
                   now - asked_ago,
                   now + std::chrono::hours(1),
                   {},
                   binding_,
                   binding_ ? base::base64url_encode(base::sha256(value)) : ""});
  state_.health = token::State::Health::good;
}

// With the lock held, so that no subscriber is called after its end; all it does is to post.
void ScriptedSource::announce() {
  for (const auto& [number, on_change] : subscribers_) on_change();
}

void ScriptedSource::issue(const std::string& value) {
  const std::lock_guard lock(mutex_);
  set_token(value);
  announce();
}

void ScriptedSource::bind(std::shared_ptr<const token::Binding> binding) {
  const std::lock_guard lock(mutex_);
  binding_ = std::move(binding);
}

void ScriptedSource::issue_when_rejected(std::vector<std::string> values, base::Duration ago) {
  const std::lock_guard lock(mutex_);
  next_asked_ago_ = ago;
  next_.assign(values.begin(), values.end());
}

void ScriptedSource::fail(token::State::Health health, const std::string& reason) {
  const std::lock_guard lock(mutex_);
  state_.health = health;
  state_.reason = reason;
  announce();
}

void ScriptedSource::hang() {
  const std::lock_guard lock(mutex_);
  state_ = {};
  state_.next_try = base::kNever;
  announce();
}

void ScriptedSource::hold_off(bool holding_off) {
  const std::lock_guard lock(mutex_);
  holding_off_ = holding_off;
}

int ScriptedSource::rejects() const {
  const std::lock_guard lock(mutex_);
  return rejects_;
}

std::vector<bool> ScriptedSource::replays() const {
  const std::lock_guard lock(mutex_);
  return replays_;
}

token::State ScriptedSource::state() const {
  const std::lock_guard lock(mutex_);
  return state_;
}

bool ScriptedSource::reject(std::uint64_t generation) {
  const std::lock_guard lock(mutex_);
  if (holding_off_) return false;
  ++rejects_;
  refused_ = std::max(refused_, generation);
  const bool in_force = state_.token && state_.token->generation == generation;
  if (in_force && !next_.empty()) {
    set_token(next_.front(), next_asked_ago_);
    next_.pop_front();
    announce();
  }
  return true;
}

void ScriptedSource::replayed(std::uint64_t, bool accepted) {
  const std::lock_guard lock(mutex_);
  replays_.push_back(accepted);
}

std::unique_ptr<token::Subscription> ScriptedSource::subscribe(std::function<void()> on_change) {
  const std::lock_guard lock(mutex_);
  const int number = ++subscriptions_;
  subscribers_[number] = std::move(on_change);
  return std::make_unique<Subscription>(*this, number);
}

}  // namespace bearer::test
