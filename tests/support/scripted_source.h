// A credential whose tokens the test issues.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "token/source.h"

namespace bearer::test {

/// Any thread.
class ScriptedSource final : public token::Source {
 public:
  explicit ScriptedSource(const base::Clock& clock) : clock_(clock) {}

  /// The token from now on, for an hour.
  void issue(const std::string& value);
  /// Tokens that are issued from now on are bound to that key.
  void bind(std::shared_ptr<const token::Binding> binding);
  /// A reject() of the token in force makes it issue these, one after the other; each was asked for
  /// `ago`.
  void issue_when_rejected(std::vector<std::string> values, base::Duration ago = {});
  void fail(token::State::Health health, const std::string& reason);
  /// The first fetch goes on and on: no token, no reason.
  void hang();
  /// A reject() answers false: nothing newer is to be expected.
  void hold_off(bool holding_off);

  int rejects() const;                ///< that were not held off
  std::vector<bool> replays() const;  ///< what replayed() was told

  token::State state() const override;
  bool reject(std::uint64_t generation) override;
  void replayed(std::uint64_t generation, bool accepted) override;
  std::unique_ptr<token::Subscription> subscribe(std::function<void()> on_change) override;

 private:
  struct Subscription;

  void set_token(const std::string& value, base::Duration asked_ago = {});
  void announce();

  const base::Clock& clock_;
  mutable std::mutex mutex_;  // guards what follows
  token::State state_;
  std::deque<std::string> next_;
  base::Duration next_asked_ago_{};
  bool holding_off_ = false;
  std::shared_ptr<const token::Binding> binding_;
  std::uint64_t refused_ = 0;  // the newest generation that was
  int rejects_ = 0;
  std::vector<bool> replays_;
  std::map<int, std::function<void()>> subscribers_;
  int subscriptions_ = 0;
};

/// A source that its user does not own: it must outlive all who hold it.
inline std::shared_ptr<token::Source> borrowed(token::Source& source) {
  return {std::shared_ptr<void>(), &source};
}

}  // namespace bearer::test
