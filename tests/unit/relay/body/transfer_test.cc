#include "relay/body/transfer.h"

#include <doctest/doctest.h>

#include <array>
#include <string>
#include <string_view>

#include "tests/support/scripted_stream.h"
#include "tests/unit/relay/body/transferring.h"

using namespace bearer;
using namespace bearer::test::transferring;

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

TEST_CASE("a framing that is told later is a length where the first bytes are the whole body") {
  const std::array<std::string_view, 7> head{
      "POST / HTTP/1.1\r\n", "A: ", "1", "\r\n", "B: ", "2", "\r\n\r\n"};
  const std::string start = "POST / HTTP/1.1\r\n", rest = "A: 1\r\nB: 2\r\n\r\n";
  Direction whole(sized(5), Kind::chunked, Later::yes);
  whole.from.give("hello");
  CHECK(whole.transfer.move(head) == TransferState::all);
  CHECK(whole.to.written() == start + "Content-Length: 5\r\n" + rest + "hello");

  Direction empty(sized(0), Kind::chunked, Later::yes);
  CHECK(empty.transfer.move(head) == TransferState::all);
  CHECK(empty.to.written() == start + "Content-Length: 0\r\n" + rest);

  Direction half(sized(5), Kind::chunked, Later::yes);
  half.from.give("hel");
  CHECK(half.transfer.move(head) == TransferState::some);
  half.from.give("lo");
  CHECK(half.transfer.move() == TransferState::all);
  CHECK(half.to.written() ==
        start + "Transfer-Encoding: chunked\r\n" + rest + "3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n");

  Direction none(sized(5), Kind::chunked, Later::yes);
  CHECK(none.transfer.move(head) == TransferState::some);
  none.from.give("hello");
  CHECK(none.transfer.move() == TransferState::all);
  CHECK(none.to.written() ==
        start + "Transfer-Encoding: chunked\r\n" + rest + "5\r\nhello\r\n0\r\n\r\n");
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

TEST_CASE("a request's trailers go on, but for those that only a head may hold, and our own") {
  relay::RouteOptions route;
  route.auth_field = "X-Api-Token";
  route.auth_scheme = "";
  const std::string gone =
      "Host: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\nConnection: x\r\n"
      "Trailer: x\r\nx-api-token: mine\r\nX_Api_Token: mine\r\nAuthorization: Bearer mine\r\n"
      "DPoP: proof\r\nCookie: a=b\r\nX-Forwarded-Host: b\r\nX-HTTP-Method-Override: PUT\r\n"
      "Range: bytes=0-1\r\nX-Request-Id: 7\r\nVia: 1.1 a\r\nContent-Type: a/b\r\nTE: gzip\r\n";
  Direction request(kChunked, Kind::chunked, true, nullptr, Later::no, &route);
  request.from.give("0\r\nx-checksum-sha256: ab==\r\n" + gone + "Sum-2:\r\n\r\n");
  CHECK(request.transfer.move() == TransferState::all);
  CHECK(request.to.written() == "0\r\nx-checksum-sha256: ab==\r\nSum-2: \r\n\r\n");
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
