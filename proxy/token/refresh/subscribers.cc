#include "token/refresh/subscribers.h"

#include <utility>

#include "base/internal_fault.h"

namespace bearer::token {

class Subscribers::Handle final : public Subscription {
 public:
  Handle(Subscribers& owner, std::shared_ptr<Entry> entry)
      : owner_(owner), entry_(std::move(entry)) {}
  ~Handle() override { owner_.remove(entry_); }

 private:
  Subscribers& owner_;
  std::shared_ptr<Entry> entry_;
};

std::unique_ptr<Subscription> Subscribers::add(std::function<void()> callback) {
  auto entry = std::make_shared<Entry>();
  entry->callback = std::move(callback);
  const std::lock_guard lock(mutex_);
  entries_.push_back(entry);
  return std::make_unique<Handle>(*this, std::move(entry));
}

void Subscribers::notify() {
  std::vector<std::shared_ptr<Entry>> entries;
  {
    const std::lock_guard lock(mutex_);
    entries = entries_;
  }
  for (const auto& entry : entries) {
    const std::lock_guard lock(entry->mutex);
    if (!entry->active) continue;
    base::notify("a subscriber could not be told of a credential's change", entry->callback);
  }
}

void Subscribers::remove(const std::shared_ptr<Entry>& entry) {
  {
    const std::lock_guard lock(entry->mutex);
    entry->active = false;
  }
  const std::lock_guard lock(mutex_);
  std::erase(entries_, entry);
}

}  // namespace bearer::token
