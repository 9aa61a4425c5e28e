#include "relay/telemetry/request_counts.h"

#include <algorithm>
#include <memory>

namespace bearer::relay {

CountedMethod counted_method(http::Method method, std::string_view text) {
  const auto known = static_cast<CountedMethod>(method);
  if (method != http::Method::other) return known;
  const auto* const others = kCountedMethods.begin() + http::kMethodNames.size();
  const auto* const found = std::find(others, kCountedMethods.end(), text);
  if (found == kCountedMethods.end()) return known;
  return static_cast<CountedMethod>(found - kCountedMethods.begin());
}

RequestCounts::~RequestCounts() {
  for (Entry* entry = first_.load(std::memory_order_relaxed); entry;) {
    const std::unique_ptr<Entry> done(entry);
    entry = done->next.load(std::memory_order_relaxed);
  }
}

void RequestCounts::add(MethodAndStatus kind) {
  std::atomic<Entry*>* place = &first_;
  while (Entry* const entry = place->load(std::memory_order_relaxed)) {
    if (entry->kind == kind) return entry->count.add();
    place = &entry->next;
  }
  place->store(std::make_unique<Entry>(kind).release(), std::memory_order_release);
}

RequestTotals RequestCounts::read() const {
  RequestTotals totals;
  for (const Entry* entry = first_.load(std::memory_order_acquire); entry;
       entry = entry->next.load(std::memory_order_acquire)) {
    totals.emplace(entry->kind, entry->count.value());
  }
  return totals;
}

}  // namespace bearer::relay
