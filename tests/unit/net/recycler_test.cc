#include "net/recycler.h"

#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <set>
#include <utility>
#include <vector>

using namespace bearer;

namespace recycler = net::recycler;

namespace {

// Around every step and every power of two at which the class of a size changes.
const std::size_t kSizes[] = {1,
                              23,
                              24,
                              25,
                              40,
                              41,
                              504,
                              505,
                              2047,
                              2048,
                              2049,
                              2048 + recycler::kHeaderBytes,
                              2049 + recycler::kHeaderBytes,
                              4096 + recycler::kHeaderBytes,
                              4097 + recycler::kHeaderBytes,
                              64u << 10,
                              (64u << 10) + 1,
                              (128u << 10) + recycler::kHeaderBytes,
                              (128u << 10) + recycler::kHeaderBytes + 1,
                              1u << 20};

}  // namespace

TEST_CASE("memory of any size can be written from end to end, and is nobody else's") {
  std::vector<void*> held;
  for (const std::size_t size : kSizes) {
    for (int copy = 0; copy < 3; ++copy) {
      void* memory = recycler::allocate(size);
      CHECK(reinterpret_cast<std::uintptr_t>(memory) % alignof(std::max_align_t) == 0);
      std::memset(memory, static_cast<int>(held.size() & 0x7f), size);
      held.push_back(memory);
    }
  }
  std::size_t index = 0;
  for (const std::size_t size : kSizes) {
    for (int copy = 0; copy < 3; ++copy, ++index) {
      const auto* bytes = static_cast<const unsigned char*>(held[index]);
      CHECK(bytes[0] == (index & 0x7f));
      CHECK(bytes[size - 1] == (index & 0x7f));
      recycler::release(held[index], size);
    }
  }
}

TEST_CASE("a text is what was assigned last, a part of itself too") {
  recycler::Text text;
  CHECK(text == "");
  text = "one two";
  CHECK(text == "one two");
  text = text.view().substr(4);
  CHECK(text == "two");
  recycler::Text moved(std::move(text));
  CHECK(moved == "two");
  recycler::Text other("a longer one, which is gone after this");
  other = std::move(moved);
  CHECK(other == "two");
  other = "";
  CHECK(other == "");
  CHECK(other.bytes().empty());
  other = "three";
  other.bytes()[0] = 'T';
  CHECK(other == "Three");
  CHECK(sizeof other == sizeof(void*));  // a request has several, most of them empty
}

#if !defined(__SANITIZE_ADDRESS__)  // under which nothing is recycled
TEST_CASE("what was released is the next of its size") {
  for (const std::size_t size : {64u, 2048u, 2049u, 128u << 10}) {
    CAPTURE(size);
    void* first = recycler::allocate(size);
    recycler::release(first, size);
    void* second = recycler::allocate(size);
    CHECK(second == first);
    recycler::release(second, size);
  }
}
#endif
