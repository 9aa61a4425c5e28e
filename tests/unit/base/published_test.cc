#include "base/published.h"

#include <doctest/doctest.h>

#include <atomic>
#include <cstdint>
#include <thread>

using namespace bearer;

namespace {

struct Pair {
  std::uint64_t value = 0, opposite = ~std::uint64_t{0};
};

}  // namespace

TEST_CASE("a reader gets the value that was written last") {
  base::Published<Pair> published;
  CHECK(published.get().value == 0);
  published.set({7, ~std::uint64_t{7}});
  CHECK(published.get().value == 7);
  CHECK(published.get().opposite == ~std::uint64_t{7});
}

TEST_CASE("a reader gets no value in halves, whenever it reads") {
  base::Published<Pair> published;
  published.set({});
  std::atomic<bool> over = false;
  std::thread writer([&] {
    for (std::uint64_t i = 0; !over; ++i) published.set({i, ~i});
  });
  while (published.get().value == 0) std::this_thread::yield();  // it is at work
  const std::uint64_t first = published.get().value;
  std::uint64_t last = 0;
  bool whole = true, forwards = true;
  for (int i = 0; i < 100'000; ++i) {
    const Pair pair = published.get();
    whole &= pair.opposite == ~pair.value;
    forwards &= pair.value >= last;
    last = pair.value;
  }
  while (published.get().value == first) std::this_thread::yield();
  over = true;
  writer.join();
  CHECK(whole);
  CHECK(forwards);
}
