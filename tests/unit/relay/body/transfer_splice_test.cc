// Bodies that pass through pipes.
#include <doctest/doctest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/pipe.h"
#include "tests/support/scripted_stream.h"
#include "tests/unit/relay/body/transferring.h"

using namespace bearer;
using namespace bearer::test::transferring;

namespace {

constexpr std::size_t kLarge = 5u << 20;
constexpr std::size_t kCopied = 64u << 10;  ///< of the end

std::string pattern(std::size_t bytes) {
  std::string whole(bytes, '\0');
  for (std::size_t i = 0; i < bytes; ++i) whole[i] = static_cast<char>(i * 37 % 253);
  return whole;
}

}  // namespace

TEST_CASE("a large body between two sockets passes through pipes, all of it in order") {
  for (const Framing& framing : {sized(kLarge), kUntilClose}) {
    Direction direction(framing, framing.kind);
    direction.splice();
    direction.from.give(pattern(kLarge));
    if (framing.kind == Kind::until_close) direction.from.then(ScriptedStream::Status::ended);
    const std::array<std::string_view, 1> head{"HEAD "};
    CHECK(direction.transfer.move(head) != TransferState::some);
    CHECK(direction.move_all() == TransferState::all);
    CHECK(direction.to.written() == "HEAD " + pattern(kLarge));
    CHECK(direction.transfer.bytes() == kLarge);
    CHECK(direction.outbox.sent() == kLarge + 5);
    CHECK(direction.from.filled() >= kLarge - kWindow - kCopied);
    CHECK(direction.to.drained() == direction.from.filled());
  }
}

TEST_CASE("what follows a body that went through pipes is met as after any other") {
  Direction direction(sized(kLarge), Kind::length);
  direction.splice();
  direction.from.give(pattern(kLarge) + "HTTP/1.1");
  CHECK(direction.move_all() == TransferState::all);
  CHECK(direction.to.written() == pattern(kLarge));
  CHECK(direction.from.filled() > 0);
  CHECK(direction.rest.bytes() == "HTTP/1.1");
}

TEST_CASE("small bodies and small pieces are copied") {
  Direction small(sized(100'000), Kind::length);
  small.splice();
  small.from.give(pattern(100'000));
  CHECK(small.move_all() == TransferState::all);
  CHECK(small.from.filled() == 0);

  Direction trickle(sized(kLarge), Kind::length);
  trickle.splice();
  for (std::size_t given = 0; given < kLarge; given += 16u << 10) {
    trickle.from.give(std::string(16u << 10, 'x'));
  }
  CHECK(trickle.move_all() == TransferState::all);
  CHECK(trickle.from.filled() == 0);
}

TEST_CASE("after a small piece through a pipe the next one is copied, after a large one not") {
  Direction direction(sized(kLarge), Kind::length);
  direction.splice();
  direction.from.give(pattern(kWindow));
  direction.from.give("small");
  direction.from.give("copied");
  CHECK(direction.move_all() == TransferState::some);
  CHECK(direction.from.filled() == 5);
  direction.from.give(pattern(kWindow));
  direction.from.give(pattern(kWindow));
  direction.from.give(pattern(kWindow));
  CHECK(direction.move_all() == TransferState::some);
  CHECK(direction.from.filled() == 5 + 2 * kWindow);
  CHECK(direction.to.written() ==
        pattern(kWindow) + "smallcopied" + pattern(kWindow) + pattern(kWindow) + pattern(kWindow));
}

TEST_CASE("framing that changes on the way, or one side that is no socket: every byte is copied") {
  struct Case {
    Framing framing;
    Kind as;
    bool from, to;
  };
  const Case cases[] = {
      {sized(kLarge), Kind::chunked, true, true},
      {kUntilClose, Kind::chunked, true, true},
      {sized(kLarge), Kind::length, false, true},
      {sized(kLarge), Kind::length, true, false},
  };
  for (const Case& c : cases) {
    Direction direction(c.framing, c.as);
    if (c.from) direction.from.splice();
    if (c.to) direction.to.splice();
    direction.from.give(pattern(kLarge));
    direction.from.then(ScriptedStream::Status::ended);
    CHECK(direction.move_all() == TransferState::all);
    CHECK(direction.from.filled() == 0);
    CHECK(direction.transfer.bytes() == kLarge);
    if (c.as == Kind::length) CHECK(direction.to.written() == pattern(kLarge));
  }
}

TEST_CASE("a receiver that stops with a full pipe costs that pipe, and nothing more is read") {
  Direction direction(sized(kLarge), Kind::length);
  direction.splice();
  direction.to.take_only(kWindow + 1000);
  direction.from.give(pattern(kLarge));
  CHECK(direction.move_all() == TransferState::some);
  CHECK(direction.to.written() == pattern(kLarge).substr(0, kWindow + 1000));
  const std::uint64_t taken = direction.transfer.bytes();
  CHECK(taken <= kWindow + kScratch);
  CHECK(direction.move_all() == TransferState::some);
  CHECK(direction.transfer.bytes() == taken);
  for (int round = 0; round < 100'000; ++round) {
    direction.to.take_only(50'001);
    if (direction.move_all() == TransferState::all) break;
  }
  CHECK(direction.to.written() == pattern(kLarge));
  CHECK(direction.from.filled() > 0);
}

TEST_CASE("a body that breaks off in a pipe is cut behind what had come") {
  for (const auto end : {ScriptedStream::Status::ended, ScriptedStream::Status::failed}) {
    for (const Framing& framing : {sized(kLarge), kUntilClose}) {
      Direction direction(framing, framing.kind);
      direction.splice();
      direction.from.give(pattern(kLarge / 2));
      direction.from.then(end);
      const bool whole = framing.kind == Kind::until_close && end == ScriptedStream::Status::ended;
      CHECK(direction.move_all() == (whole ? TransferState::all : TransferState::sender_left));
      CHECK(direction.from.filled() > 0);
      CHECK(direction.to.written() == pattern(kLarge / 2));
      CHECK(direction.transfer.bytes() == kLarge / 2);
    }
  }
}

TEST_CASE("a receiver that breaks with bytes of it in a pipe has left") {
  Direction direction(sized(kLarge), Kind::length);
  direction.splice();
  direction.to.take_only(kWindow + 7);
  direction.from.give(pattern(kLarge));
  CHECK(direction.move_all() == TransferState::some);
  direction.to.fail_writes();
  CHECK(direction.move_all() == TransferState::receiver_left);
}

TEST_CASE("where the kernel refuses a pipe in the middle, no byte is lost") {
  for (const bool sender : {true, false}) {
    Direction direction(sized(kLarge), Kind::length);
    direction.splice();
    direction.to.take_only(kLarge / 3);
    direction.from.give(pattern(kLarge));
    CHECK(direction.move_all() == TransferState::some);
    const std::size_t filled = direction.from.filled();
    CHECK(filled > 0);
    (sender ? direction.from : direction.to).refuse_pipes();
    direction.to.take_only(ScriptedStream::kUnlimited);
    CHECK(direction.move_all() == TransferState::all);
    CHECK(direction.to.written() == pattern(kLarge));
    CHECK(direction.from.filled() == filled);
  }
}

TEST_CASE("while all pipes are in use a body is copied") {
  Direction direction(sized(kLarge), Kind::length);
  direction.splice();
  std::vector<net::PipeLease> others;
  while (net::PipeLease pipe = direction.pipes.take()) others.push_back(std::move(pipe));
  direction.from.give(pattern(kLarge));
  CHECK(direction.move_all() == TransferState::all);
  CHECK(direction.from.filled() == 0);
  CHECK(direction.to.written() == pattern(kLarge));
}
