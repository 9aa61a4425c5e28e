#include "relay/body/transfer.h"

#include <doctest/doctest.h>

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "relay/body/body_source.h"
#include "tests/support/scripted_stream.h"

using namespace bearer;
using http::Framing;
using relay::BodySource;
using relay::Transfer;
using relay::TransferState;
using test::ScriptedStream;
using Kind = http::Framing::Kind;

namespace {

constexpr std::size_t kWindow = 64u << 10;
constexpr std::size_t kScratch = 1u << 20;

/// A body of one framing that goes into a message of another.
class Direction {
 public:
  explicit Direction(Framing framing, Kind as, bool trailers = false,
                     const relay::ReplayBudget* budget = nullptr)
      : source_(framing),
        transfer({.body = source_,
                  .from = from,
                  .rest = rest,
                  .to = to,
                  .outbox = outbox,
                  .framing = as,
                  .trailers = trailers,
                  .scratch = scratch_,
                  .pipes = &pipes,
                  .budget = budget}) {}

  /// Returns how much of what was read waits for the receiver.
  std::size_t held(std::size_t given) const { return given - to.written().size(); }

  /// Both ends are sockets from now on.
  void splice() {
    from.splice();
    to.splice();
  }
  /// Moves for as long as there is more.
  TransferState move_all() {
    TransferState moved = transfer.move();
    while (moved == TransferState::again) moved = transfer.move();
    return moved;
  }

  net::PipePool pipes;
  ScriptedStream from, to;
  net::Buffer rest;
  net::Outbox outbox;

 private:
  BodySource source_;
  std::vector<char> scratch_ = std::vector<char>(kScratch);

 public:
  Transfer transfer;
};

constexpr Framing sized(std::uint64_t length) {
  return {Kind::length, length};
}
constexpr Framing kChunked{Kind::chunked, 0};
constexpr Framing kUntilClose{Kind::until_close, 0};

}  // namespace

TEST_CASE("a body is framed anew for its receiver") {
  struct Case {
    Framing framing;
    const char* bytes;
    bool ends;
    Kind as;
    const char* out;
  };
  const Case cases[] = {
      {sized(5), "hello", false, Kind::length, "hello"},
      {sized(0), "", false, Kind::length, ""},
      {{Kind::none, 0}, "", false, Kind::none, ""},
      {kChunked, "3\r\nhel\r\n2;x\r\nlo\r\n0\r\n\r\n", false, Kind::chunked,
       "5\r\nhello\r\n0\r\n\r\n"},
      {kChunked, "0\r\n\r\n", false, Kind::chunked, "0\r\n\r\n"},
      {kChunked, "5\r\nhello\r\n0\r\n\r\n", false, Kind::until_close, "hello"},
      {kUntilClose, "hello", true, Kind::chunked, "5\r\nhello\r\n0\r\n\r\n"},
      {kUntilClose, "", true, Kind::chunked, "0\r\n\r\n"},
      {kUntilClose, "hello", true, Kind::until_close, "hello"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.out);
    Direction direction(c.framing, c.as);
    direction.from.give(c.bytes);
    if (c.ends) direction.from.then(ScriptedStream::Status::ended);
    CHECK(direction.transfer.move() == TransferState::all);
    CHECK(direction.to.written() == c.out);
    CHECK(direction.transfer.ended());
    CHECK(direction.transfer.move() == TransferState::all);
    CHECK(direction.to.written() == c.out);
  }
}

TEST_CASE("the head goes with the first bytes in one write, or at once without any") {
  const std::array<std::string_view, 3> head{"HEAD", "", "END "};
  Direction with(sized(5), Kind::length);
  with.from.give("hello");
  CHECK(with.transfer.move(head) == TransferState::all);
  CHECK(with.to.written() == "HEADEND hello");
  CHECK(with.to.writes() == 1);

  Direction without(sized(5), Kind::length);
  CHECK(without.transfer.move(head) == TransferState::some);
  CHECK(without.to.written() == "HEADEND ");
  CHECK(without.transfer.begun());

  Direction chunked(kUntilClose, Kind::chunked);
  chunked.from.give("hello");
  CHECK(chunked.transfer.move(head) == TransferState::some);
  CHECK(chunked.to.written() == "HEADEND 5\r\nhello\r\n");

  Direction empty({Kind::none, 0}, Kind::none);
  CHECK(empty.transfer.move(head) == TransferState::all);
  CHECK(empty.to.written() == "HEADEND ");
}

TEST_CASE("trailers go to a receiver that takes them, but none that would frame or route") {
  const char* bytes =
      "1\r\nx\r\n0\r\nChecksum: 1\r\nContent-Length: 9\r\nHost: evil\r\nX-Odd:  y \r\n\r\n";
  Direction takes(kChunked, Kind::chunked, true);
  takes.from.give(bytes);
  CHECK(takes.transfer.move() == TransferState::all);
  CHECK(takes.to.written() == "1\r\nx\r\n0\r\nChecksum: 1\r\nX-Odd: y\r\n\r\n");

  Direction refuses(kChunked, Kind::chunked, false);
  refuses.from.give(bytes);
  CHECK(refuses.transfer.move() == TransferState::all);
  CHECK(refuses.to.written() == "1\r\nx\r\n0\r\n\r\n");

  Direction old(kChunked, Kind::until_close, true);
  old.from.give(bytes);
  CHECK(old.transfer.move() == TransferState::all);
  CHECK(old.to.written() == "x");
}

TEST_CASE("a receiver that takes nothing costs one piece of memory, and nothing more is read") {
  Direction direction(sized(10u << 20), Kind::length);
  direction.to.take_only(0);
  direction.from.give(std::string(10u << 20, 'x'));
  CHECK(direction.transfer.move() == TransferState::some);
  CHECK(direction.transfer.bytes() == kWindow);
  const int reads = direction.from.reads();
  CHECK(direction.transfer.move() == TransferState::some);
  CHECK(direction.from.reads() == reads);
  CHECK(direction.transfer.bytes() == kWindow);
}

TEST_CASE("a slow receiver gets every byte, and at most one piece of the smallest size waits") {
  constexpr std::size_t kSize = 1u << 20;
  std::string whole(kSize, '\0');
  for (std::size_t i = 0; i < kSize; ++i) whole[i] = static_cast<char>(i * 31 % 251);
  Direction direction(sized(kSize), Kind::length);
  direction.from.give(whole);
  direction.to.take_only(0);
  TransferState moved = direction.transfer.move();
  for (int round = 0; moved != TransferState::all && round < 100'000; ++round) {
    direction.to.take_only(1000);
    moved = direction.transfer.move();
    REQUIRE(direction.held(direction.transfer.bytes()) <= kWindow);
  }
  CHECK(moved == TransferState::all);
  CHECK(direction.to.written() == whole);
}

TEST_CASE("where memory is scarce, less waits for a slow receiver, and pieces do not grow") {
  constexpr std::size_t kSize = 1u << 20;
  relay::ReplayBudget budget({.disk_bytes_max = 0, .memory_bytes_max = 9, .piece_bytes_max = 99});
  relay::ReplayBudget::Share share(&budget);
  Direction free(sized(kSize), Kind::length, false, &budget);
  free.from.give(std::string(kSize, 'x'));
  free.to.take_only(0);
  free.transfer.move();
  CHECK(free.held(free.transfer.bytes()) == 99);

  REQUIRE(share.take_memory(5));
  Direction scarce(sized(kSize), Kind::length, false, &budget);
  scarce.from.give(std::string(kSize, 'x'));
  for (int piece = 0; piece < 4; ++piece) scarce.transfer.move();  // all of it is taken
  scarce.to.take_only(0);
  const std::size_t taken = scarce.transfer.bytes();
  scarce.transfer.move();
  CHECK(scarce.transfer.bytes() - taken == 8u << 10);
}

TEST_CASE("pieces grow while the receiver takes all of them, and shrink when it does not") {
  Direction direction(sized(64u << 20), Kind::length);
  direction.from.give(std::string(40u << 20, 'x'));
  CHECK(direction.transfer.move() == TransferState::again);
  CHECK(direction.from.largest_read() == kScratch);
  CHECK(direction.transfer.bytes() == (64u + 128 + 256 + 512 + 4 * 1024) << 10);

  direction.to.take_only(100);  // the next piece is a large one still
  CHECK(direction.transfer.move() == TransferState::some);
  direction.to.take_only(kScratch);
  const std::uint64_t before = direction.transfer.bytes();
  CHECK(direction.transfer.move() == TransferState::some);
  CHECK(direction.transfer.bytes() == before + kWindow);
}

TEST_CASE("after a few pieces the loop's other connections have their turn") {
  Direction direction(sized(1000), Kind::length);
  for (int i = 0; i < 20; ++i) direction.from.give("x");
  CHECK(direction.transfer.move() == TransferState::again);
  CHECK(direction.to.written().size() == 8);
  CHECK(direction.transfer.move() == TransferState::again);
  CHECK(direction.transfer.move() == TransferState::some);
  CHECK(direction.to.written().size() == 20);
}

TEST_CASE("the end waits in the outbox like any other bytes: not all before it is taken") {
  Direction direction(kChunked, Kind::chunked);
  direction.from.give("5\r\nhello\r\n0\r\n\r\n");
  direction.to.take_only(9);
  CHECK(direction.transfer.move() == TransferState::some);
  CHECK(direction.transfer.ended());
  direction.to.take_only(ScriptedStream::kUnlimited);
  CHECK(direction.transfer.move() == TransferState::all);
  CHECK(direction.to.written() == "5\r\nhello\r\n0\r\n\r\n");
}

TEST_CASE("whoever breaks off is named, and a cut body gets no last chunk") {
  SUBCASE("the sender's framing") {
    Direction direction(kChunked, Kind::chunked);
    direction.from.give("1\r\nx\r\n");
    CHECK(direction.transfer.move() == TransferState::some);
    direction.from.give("nonsense\r\n");
    CHECK(direction.transfer.move() == TransferState::sender_broke);
    CHECK(direction.to.written() == "1\r\nx\r\n");
  }
  SUBCASE("the sender's connection") {
    for (const auto end : {ScriptedStream::Status::ended, ScriptedStream::Status::failed}) {
      Direction direction(sized(9), Kind::chunked);
      direction.from.give("half");
      direction.from.then(end);
      CHECK(direction.transfer.move() == TransferState::sender_left);
      CHECK(direction.to.written() == "4\r\nhalf\r\n");
    }
  }
  SUBCASE("the receiver, at a write") {
    Direction direction(sized(9), Kind::length);
    direction.from.give("half");
    direction.to.fail_writes();
    CHECK(direction.transfer.move() == TransferState::receiver_left);
  }
  SUBCASE("the receiver, while something waits for it") {
    Direction direction(sized(9), Kind::length);
    direction.from.give("half");
    direction.to.take_only(1);
    CHECK(direction.transfer.move() == TransferState::some);
    direction.to.fail_writes();
    CHECK(direction.transfer.move() == TransferState::receiver_left);
  }
}

// ── Bodies that pass through pipes. ──

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
