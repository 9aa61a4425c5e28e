// Bytes that pass between a socket and a pipe.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstddef>
#include <string>
#include <string_view>

#include "base/descriptor.h"
#include "net/pipe.h"
#include "net/tcp_stream.h"
#include "tests/unit/net/socket_pair.h"

using namespace bearer;
using net::Io;
using Pair = test::SocketPair;

namespace {

/// Takes out of `pipe` what is in it.
std::string take(net::Pipe& pipe) {
  std::string bytes(pipe.bytes(), '\0');
  REQUIRE(read(pipe.out(), bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
  pipe.drained(bytes.size());
  return bytes;
}

void put(net::Pipe& pipe, std::string_view bytes) {
  REQUIRE(write(pipe.in(), bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
  pipe.filled(bytes.size());
}

}  // namespace

TEST_CASE("bytes go from a socket into a pipe, no more than asked for, until none are left") {
  for (const Pair::Kind kind : {Pair::Kind::local, Pair::Kind::tcp}) {
    net::PipePool pool;
    const net::PipeLease pipe = pool.take();
    REQUIRE(pipe);
    Pair pair(kind);
    CHECK(pair.stream->splices());
    CHECK(pair.stream->fill(*pipe, 99) == 0);
    pair.say("hello again");
    while (!pair.stream->may_read()) pair.owned.turn();
    CHECK(pair.stream->fill(*pipe, 5) == 5);
    CHECK(take(*pipe) == "hello");
    CHECK(pair.stream->fill(*pipe, 99) == 6);
    CHECK(take(*pipe) == " again");
    CHECK(pair.stream->fill(*pipe, 99) == 0);
    CHECK(pair.read(9) == "-blocked");
    CHECK(pair.stream->quiet(true));
  }
}

TEST_CASE("bytes behind an urgent one, at which a splice stops, are read") {
  net::PipePool pool;
  const net::PipeLease pipe = pool.take();
  REQUIRE(pipe);
  Pair pair(Pair::Kind::tcp);
  pair.say("before");
  REQUIRE(send(pair.peer, "!", 1, MSG_OOB) == 1);
  pair.say("after");
  while (!pair.stream->may_read()) pair.owned.turn();
  CHECK(pair.stream->fill(*pipe, 99) == 6);
  CHECK(take(*pipe) == "before");
  CHECK(pair.stream->fill(*pipe, 99) == 0);
  CHECK(pair.read(99) == "after");
}

TEST_CASE("a pipe gets nothing at the peer's end, and a read says which kind of end it is") {
  for (const bool breaks : {false, true}) {
    CAPTURE(breaks);
    net::PipePool pool;
    const net::PipeLease pipe = pool.take();
    REQUIRE(pipe);
    Pair pair(Pair::Kind::tcp);
    const linger now{.l_onoff = breaks, .l_linger = 0};
    REQUIRE(setsockopt(pair.peer, SOL_SOCKET, SO_LINGER, &now, sizeof now) == 0);
    pair.close_peer();
    while (!pair.stream->peer_closed()) pair.owned.turn();
    CHECK(pair.stream->fill(*pipe, 99) == 0);
    CHECK(pipe->empty());
    for (int time = 0; time < 2; ++time) CHECK(pair.read(9) == (breaks ? "-failed" : "-ended"));
    CHECK(pair.stream->fill(*pipe, 99) == 0);
    CHECK_FALSE(pair.stream->quiet(false));
  }
}

TEST_CASE("a pipe is drained as far as the socket has room, and goes on once it has more") {
  for (const Pair::Kind kind : {Pair::Kind::local, Pair::Kind::tcp}) {
    net::PipePool pool;
    const net::PipeLease pipe = pool.take();
    REQUIRE(pipe);
    Pair pair(kind);
    const std::string piece(100'000, 'x');
    std::size_t given = 0, drained = 0, read = 0;
    Io io{Io::Status::ok};
    while (!io.blocked()) {
      if (pipe->empty()) {
        put(*pipe, piece);
        given += piece.size();
      }
      io = pair.stream->drain(*pipe);
      REQUIRE((io.ok() || io.blocked()));
      drained += io.bytes;
    }
    CHECK(pipe->bytes() == given - drained);
    std::string into(1u << 20, '\0');
    while (read < given) {
      const ssize_t count = recv(pair.peer, into.data(), into.size(), MSG_DONTWAIT);
      if (count > 0) {
        read += static_cast<std::size_t>(count);
        CHECK(into.find_first_not_of('x') >= static_cast<std::size_t>(count));
      } else {
        pair.owned.turn();
      }
      if (!pipe->empty()) pair.stream->drain(*pipe);
    }
    CHECK(pipe->empty());
    CHECK(read == given);
  }
}

TEST_CASE("a pipe into a connection whose peer is gone fails") {
  net::PipePool pool;
  const net::PipeLease pipe = pool.take();
  REQUIRE(pipe);
  Pair pair;
  pair.close_peer();
  put(*pipe, "x");
  CHECK(pair.stream->drain(*pipe).status == Io::Status::failed);
}

TEST_CASE("where the kernel refuses to splice, reads and writes go on") {
  net::PipePool pool;
  SUBCASE("from the socket") {
    net::Pipe no_pipe(pool, base::Descriptor(open("/dev/null", O_WRONLY)), base::Descriptor());
    Pair pair;
    pair.say("hello");
    pair.owned.turn();
    CHECK(pair.stream->fill(no_pipe, 99) == 0);
    CHECK_FALSE(pair.stream->splices());
    CHECK(pair.read(9) == "hello");
    CHECK(pair.read(9) == "-blocked");
  }
  SUBCASE("to the socket") {
    const net::PipeLease pipe = pool.take();
    REQUIRE(pipe);
    Pair pair;
    // splice(2): a target that appends is one of the things that it does not take.
    const int flags = fcntl(pair.own, F_GETFL);
    REQUIRE(fcntl(pair.own, F_SETFL, flags | O_APPEND) == 0);
    put(*pipe, "hello");
    CHECK(pair.stream->drain(*pipe).blocked());
    CHECK_FALSE(pair.stream->splices());
    CHECK(take(*pipe) == "hello");
    CHECK(pair.write("hello").bytes == 5);
  }
}

TEST_CASE("bytes that come just before all others are read are heard of") {
  for (const bool piped : {false, true}) {
    CAPTURE(piped);
    net::PipePool pool;
    const net::PipeLease pipe = pool.take();
    REQUIRE(pipe);
    Pair pair;
    for (int i = 0; i < 3; ++i) {
      pair.say("x");
      pair.owned.turn();
    }
    if (piped) {
      CHECK(pair.stream->fill(*pipe, 99) == 3);
      CHECK(take(*pipe) == "xxx");
      CHECK(pair.stream->fill(*pipe, 99) == 0);
    } else {
      CHECK(pair.read(9) == "xxx");
    }
    pair.say("y");  // it is there before the loop listens for it again
    pair.owned.turn();
    CHECK(pair.stream->may_read());
    CHECK(pair.read(9) == "y");
  }
}
