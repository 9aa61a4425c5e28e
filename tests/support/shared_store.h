// A store in the test's own memory, with as many processes at it as the test wants.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/clock.h"
#include "token/store/store.h"

namespace bearer::test {

/// The processes see this. Any thread.
class SharedStore {
 public:
  /// `clock` outlives it.
  explicit SharedStore(const base::Clock& clock) : clock_(clock) {}

  /// One process's view. The store outlives it.
  std::unique_ptr<token::Store> process() { return std::make_unique<View>(*this); }

  /// Every call fails from now on, or works again.
  void fail(bool failing) {
    const std::lock_guard lock(mutex_);
    failing_ = failing;
  }
  /// The holder is gone, and nobody has heard of it: as another process that died.
  void hold_for_ever() {
    const std::lock_guard lock(mutex_);
    holder_ = this;
  }
  void lose_hold() {
    const std::lock_guard lock(mutex_);
    holder_ = nullptr;
  }
  void forget() {
    const std::lock_guard lock(mutex_);
    entries_.clear();
  }
  bool held() const {
    const std::lock_guard lock(mutex_);
    return holder_ != nullptr;
  }
  std::string text(token::StoreItem item) const {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(item);
    return found == entries_.end() ? "" : std::string(found->second.text.reveal());
  }
  void put(token::StoreItem item, std::string text, base::Duration life) {
    const base::Instant ends = clock_.now() + life;
    const std::lock_guard lock(mutex_);
    entries_[item] = {base::Secret(std::move(text)), ends};
  }
  /// Called within each try to hold, before it is answered: what happens in that moment.
  std::function<void()> on_try_hold;

 private:
  struct Entry {
    base::Secret text;
    base::Instant ends;
  };

  class View final : public token::Store {
   public:
    explicit View(SharedStore& shared) : shared_(shared) {}

    net::Task<base::Result<std::optional<token::Kept>>> read(token::StoreItem item) override {
      const base::Instant now = shared_.clock_.now();
      const std::lock_guard lock(shared_.mutex_);
      if (shared_.failing_) co_return unusable();
      const auto found = shared_.entries_.find(item);
      if (found == shared_.entries_.end() || found->second.ends <= now) {
        co_return std::optional<token::Kept>();
      }
      co_return std::optional(token::Kept{found->second.text, found->second.ends - now});
    }
    net::Task<base::Result<void>> write(token::StoreItem item, const base::Secret& text,
                                        base::Duration life) override {
      const base::Instant ends = shared_.clock_.now() + life;
      const std::lock_guard lock(shared_.mutex_);
      if (shared_.failing_) co_return unusable();
      shared_.entries_[item] = {text, ends};
      co_return {};
    }
    net::Task<base::Result<bool>> try_hold() override {
      if (shared_.on_try_hold) shared_.on_try_hold();
      const std::lock_guard lock(shared_.mutex_);
      if (shared_.failing_) co_return unusable();
      if (shared_.holder_) co_return false;
      shared_.holder_ = this;
      co_return true;
    }
    net::Task<void> release() override {
      const std::lock_guard lock(shared_.mutex_);
      if (shared_.holder_ == this) shared_.holder_ = nullptr;
      co_return;
    }

   private:
    static base::Error unusable() {
      return {base::Errc::store_unusable, "the store of the test is down"};
    }
    SharedStore& shared_;
  };

  const base::Clock& clock_;
  mutable std::mutex mutex_;
  std::map<token::StoreItem, Entry> entries_;
  const void* holder_ = nullptr;
  bool failing_ = false;
};

}  // namespace bearer::test
