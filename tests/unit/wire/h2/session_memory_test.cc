#include "wire/h2/session_memory.h"

#include <doctest/doctest.h>

#include <cstring>
#include <string>
#include <string_view>

using namespace bearer;
using wire::h2::SessionMemory;

namespace {

constexpr std::size_t kFrame = (16u << 10) + 10;

void* ask(SessionMemory& memory, std::size_t size, void* before = nullptr) {
  nghttp2_mem& its = *memory.functions();
  return its.realloc(before, size, its.mem_user_data);
}
void free(SessionMemory& memory, void* what) {
  nghttp2_mem& its = *memory.functions();
  its.free(what, its.mem_user_data);
}

}  // namespace

TEST_CASE("sessions of a thread make their frames in the same place, and nothing else") {
  SessionMemory one(SessionMemory::Use::frames_shared), two(SessionMemory::Use::frames_shared);
  void* const frames = ask(one, kFrame);
  CHECK(ask(two, kFrame) == frames);
  void* const more = ask(one, kFrame);  // of a head that takes two frames
  CHECK(more != frames);
  free(one, more);
  one.made();
  two.made();
  void* const later = ask(two, kFrame);
  CHECK(later != frames);
  free(two, later);
  free(two, frames);
  free(one, frames);
  std::memset(frames, 'x', kFrame);  // it is still there
}

TEST_CASE("what may hold a token is moved by hand, and each session has its own") {
  SessionMemory one(SessionMemory::Use::wiped), two(SessionMemory::Use::wiped);
  void* const frames = ask(one, kFrame);
  void* const others = ask(two, kFrame);
  CHECK(frames != others);
  std::memset(frames, 't', kFrame);
  void* const larger = ask(one, 2 * kFrame, frames);
  CHECK(std::string_view(static_cast<char*>(larger), kFrame) == std::string(kFrame, 't'));
  free(one, larger);
  free(two, others);
  free(two, nullptr);
}
