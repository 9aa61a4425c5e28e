#include "wire/h2/session_memory.h"

#include <doctest/doctest.h>

#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/h2_frames.h"
#include "tests/support/owned_loop.h"
#include "tests/support/scripted_stream.h"
#include "wire/h2/session.h"

using namespace bearer;
using wire::h2::Session;
using wire::h2::SessionMemory;
namespace h2 = test::h2;

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

/// Answers with a head of so many bytes and a body.
class Answer final : public wire::h2::Channel {
 public:
  Answer(std::size_t head_bytes, std::size_t body_bytes)
      : big_(head_bytes, '~'), body_(body_bytes, 'b') {}

 private:
  void on_field(std::string_view, std::string_view) override {}
  void on_fields_end(bool) override {
    outgoing_.data.append(body_);
    const wire::h2::Fields head{{":status", "200"}, {"x", big_}};
    session()->send_response(*this, head, false);
    outgoing_.whole = true;
  }
  void on_data(std::string_view) override {}
  void on_end() override {}
  void on_sent() override {}
  void on_closed(wire::h2::ErrorCode) override {}

  const std::string big_, body_;
};

/// A server's connection with one request after the other, which takes little at a time.
struct Connection {
  Connection(net::Loop& loop, std::size_t head_bytes, std::size_t body_bytes)
      : sleeper(loop), answer(head_bytes, body_bytes) {
    stream.take_only(20'000);
    stream.give(h2::hello() + h2::head(1, h2::request("GET", "/")) + h2::window(0, 1 << 20) +
                h2::window(1, 1 << 20));
  }
  void turn() {
    session.turn(scratch);
    reader.feed(stream.take_written());
    stream.take_only(20'000);
  }

  net::Sleeper sleeper;
  test::ScriptedStream stream;
  std::vector<char> scratch = std::vector<char>(65536);
  Answer answer;
  test::H2Reader reader;
  Session session{stream, sleeper, {.accept = [this] { return &answer; }}};
};

}  // namespace

TEST_CASE("sessions of a thread make their frames in the same place, and nothing else") {
  SessionMemory one(SessionMemory::Use::server), two(SessionMemory::Use::server);
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

TEST_CASE("what a server's session asks for first is put away, unless it is too much") {
  SessionMemory memory(SessionMemory::Use::server);
  nghttp2_mem& its = *memory.functions();
  auto* const first = static_cast<char*>(its.malloc(100, its.mem_user_data));
  auto* const second = static_cast<char*>(its.calloc(4, 2048, its.mem_user_data));
  auto* const third = static_cast<char*>(its.malloc(8192, its.mem_user_data));
  for (char* each : {first, second, third}) std::memset(each, 'm', 100);
  CHECK(std::string_view(second + 100, 8092) == std::string(8092, '\0'));
  memory.made();
  auto* const later = static_cast<char*>(its.malloc(100, its.mem_user_data));
  std::memset(later, 'l', 100);
  memory.put_away();
  CHECK(memory.away());
  CHECK(std::string_view(third, 100) == std::string(100, 'm'));
  CHECK(std::string_view(later, 100) == std::string(100, 'l'));
  memory.take_back();
  CHECK(std::string_view(first, 100) == std::string(100, 'm'));
  CHECK(std::string_view(second, 100) == std::string(100, 'm'));
  auto* const moved = static_cast<char*>(ask(memory, 200, first));
  CHECK(std::string_view(moved, 100) == std::string(100, 'm'));
  for (void* each : {static_cast<void*>(moved), static_cast<void*>(second),
                     static_cast<void*>(third), static_cast<void*>(later)}) {
    free(memory, each);
  }
}

TEST_CASE("what may hold a token is never put away") {
  SessionMemory memory(SessionMemory::Use::wiped);
  memory.put_away();
  CHECK_FALSE(memory.away());
  memory.take_back();
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

TEST_CASE("answers of many frames do not mix, however little each of two clients takes") {
  test::OwnedLoop loop;
  constexpr std::size_t kHead = 50'000, kBody = 200'000;  // CONTINUATION, and more than fits
  Connection one(loop.loop(), kHead, kBody), two(loop.loop(), kHead / 2, kBody);
  for (int i = 0; i < 100; ++i) {
    one.turn();
    two.turn();
  }
  for (Connection* each : {&one, &two}) {
    const test::H2Reader::Stream& got = each->reader.stream(1);
    CHECK(got.ended);
    CHECK((got.body == std::string(kBody, 'b')));
    CHECK((got.value("x") == std::string(each == &one ? kHead : kHead / 2, '~')));
  }
}
