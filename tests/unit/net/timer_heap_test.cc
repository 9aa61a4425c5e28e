#include "net/timer_heap.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <vector>

using namespace bearer;
using net::TimerHeap;

namespace {

base::Instant at(int tick) {
  return base::Instant(base::Duration(tick));
}

}  // namespace

TEST_CASE("an empty heap is never due") {
  TimerHeap heap;
  CHECK(heap.next() == base::kNever);
  TimerHeap::Entry entry;
  heap.remove(entry);  // was never set
  CHECK(heap.size() == 0);
}

TEST_CASE("an entry can be set earlier and later, and forgets its time when it is removed") {
  TimerHeap heap;
  TimerHeap::Entry a, b;
  heap.set(a, at(10));
  heap.set(b, at(20));
  CHECK(&heap.front() == &a);
  heap.set(a, at(30));
  CHECK(&heap.front() == &b);
  heap.set(a, at(5));
  CHECK(&heap.front() == &a);
  CHECK(heap.size() == 2);
  heap.remove(a);
  CHECK(a.when == base::kNever);
  CHECK(heap.next() == at(20));
  heap.remove(b);
  CHECK(heap.next() == base::kNever);
}

TEST_CASE("random operations leave the nearest deadline in front, as a sorted list would") {
  std::mt19937 random(20'260'101);
  constexpr int kEntries = 60;
  for (int round = 0; round < 50; ++round) {
    TimerHeap heap;
    std::vector<TimerHeap::Entry> entries(kEntries);
    std::vector<TimerHeap::Entry*> model;
    for (int step = 0; step < 400; ++step) {
      TimerHeap::Entry& entry = entries[random() % kEntries];
      const bool in = std::ranges::count(model, &entry) > 0;
      if (random() % 3 == 0) {
        heap.remove(entry);
        std::erase(model, &entry);
      } else {
        heap.set(entry, at(static_cast<int>(random() % 40)));
        if (!in) model.push_back(&entry);
      }
      const auto nearest = std::ranges::min_element(model, {}, &TimerHeap::Entry::when);
      REQUIRE(heap.size() == model.size());
      REQUIRE(heap.next() == (model.empty() ? base::kNever : (*nearest)->when));
    }
    for (base::Instant last = at(0); heap.size() > 0; heap.remove(heap.front())) {
      REQUIRE(last <= heap.next());
      last = heap.next();
    }
  }
}
