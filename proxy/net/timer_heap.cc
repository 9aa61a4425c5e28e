#include "net/timer_heap.h"

#include <cassert>

namespace bearer::net {

void TimerHeap::place(std::size_t index, Entry* entry) {
  heap_[index] = entry;
  entry->index = static_cast<std::uint32_t>(index);
}

void TimerHeap::sift_up(std::size_t index) {
  Entry* entry = heap_[index];
  while (index > 0) {
    const std::size_t parent = (index - 1) / 2;
    if (heap_[parent]->when <= entry->when) break;
    place(index, heap_[parent]);
    index = parent;
  }
  place(index, entry);
}

void TimerHeap::sift_down(std::size_t index) {
  Entry* entry = heap_[index];
  for (;;) {
    std::size_t child = 2 * index + 1;
    if (child >= heap_.size()) break;
    if (child + 1 < heap_.size() && heap_[child + 1]->when < heap_[child]->when) ++child;
    if (entry->when <= heap_[child]->when) break;
    place(index, heap_[child]);
    index = child;
  }
  place(index, entry);
}

void TimerHeap::set(Entry& entry, base::Instant when) {
  assert(when != base::kNever);
  entry.when = when;
  if (entry.index == Entry::kNowhere) {
    heap_.push_back(&entry);
    entry.index = static_cast<std::uint32_t>(heap_.size() - 1);
  }
  sift_up(entry.index);
  sift_down(entry.index);
}

void TimerHeap::remove(Entry& entry) {
  if (entry.index == Entry::kNowhere) return;
  const std::size_t index = entry.index;
  Entry* last = heap_.back();
  heap_.pop_back();
  entry.index = Entry::kNowhere;
  entry.when = base::kNever;
  if (last == &entry) return;
  place(index, last);
  sift_up(index);
  sift_down(last->index);
}

}  // namespace bearer::net
