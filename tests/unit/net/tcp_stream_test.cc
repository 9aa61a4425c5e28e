#include "net/tcp_stream.h"

#include <doctest/doctest.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <memory>
#include <string>

#include "net/listener.h"
#include "net/outbox.h"
#include "net/pipe.h"
#include "net/resolver.h"
#include "net/task.h"
#include "tests/support/owned_loop.h"

using namespace bearer;
using net::Io;
using net::TcpStream;
using test::OwnedLoop;

namespace {

/// A stream on one end of a connection, and the other end as a plain descriptor.
struct Pair {
  enum class Kind { local, tcp };

  explicit Pair(Kind kind = Kind::local) {
    std::array<int, 2> ends{-1, -1};
    if (kind == Kind::local) {
      REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends.data()) == 0);
    } else {
      const auto listeners = net::Listener::open(net::Address{"127.0.0.1", 0});
      const net::SocketAddress& address = listeners->front().address();
      ends[0] = socket(AF_INET, SOCK_STREAM, 0);
      REQUIRE(connect(ends[0], address.get(), address.size) == 0);
      REQUIRE(fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0);
      ends[1] = accept(listeners->front().fd(), nullptr, nullptr);
    }
    own = ends[0];
    peer = ends[1];
    stream = TcpStream::open(owned.loop(), ends[0]);
    REQUIRE(stream != nullptr);
    stream->set_waiter(&sleeper);
    owned.turn();
  }
  ~Pair() { close_peer(); }

  void say(std::string_view bytes) {
    REQUIRE(send(peer, bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
            static_cast<ssize_t>(bytes.size()));
  }
  void close_peer() {
    if (peer >= 0) close(peer);
    peer = -1;
  }
  /// Returns what one read gives: its bytes, or "-" and its status.
  std::string read(std::size_t size) {
    std::string into(size, '\0');
    const Io io = stream->read(into);
    switch (io.status) {
      case Io::Status::ok: return into.substr(0, io.bytes);
      case Io::Status::blocked: return "-blocked";
      case Io::Status::ended: return "-ended";
      case Io::Status::failed: return "-failed";
    }
    return {};
  }
  Io write(std::string_view bytes) {
    const iovec parts[] = {net::part(bytes)};
    return stream->write(parts);
  }

  OwnedLoop owned;
  net::Sleeper sleeper{owned.loop()};
  std::unique_ptr<TcpStream> stream;
  int own = -1;  ///< the stream's
  int peer = -1;
};

net::Task<void> count_wakes(net::Sleeper& sleeper, int& set_waiter) {
  for (;;) {
    co_await sleeper.sleep(base::kNever);
    ++set_waiter;
  }
}

}  // namespace

TEST_CASE("a read is worth its room once something has come, and until all of it was read") {
  Pair pair;
  CHECK_FALSE(pair.stream->may_read());
  pair.say("ab");
  pair.owned.turn();
  CHECK(pair.stream->may_read());
  CHECK(pair.read(1) == "a");
  CHECK(pair.stream->may_read());
  CHECK(pair.read(8) == "b");
  CHECK_FALSE(pair.stream->may_read());
  pair.close_peer();
  pair.owned.turn();
  CHECK(pair.stream->may_read());  // the end
}

TEST_CASE("a read gives what there is, then blocks until more has come") {
  Pair pair;
  CHECK(pair.read(9) == "-blocked");
  pair.say("hello");
  pair.owned.turn();
  CHECK(pair.read(3) == "hel");
  CHECK(pair.read(9) == "lo");
  CHECK(pair.read(9) == "-blocked");
  pair.say("again");
  pair.owned.turn();
  CHECK(pair.read(5) == "again");
  CHECK(pair.read(9) == "-blocked");
}

TEST_CASE("bytes that came before the peer's end are read before it") {
  Pair pair;
  pair.say("last words");
  pair.close_peer();
  pair.owned.turn();
  CHECK(pair.stream->peer_closed());
  CHECK(pair.read(4) == "last");
  CHECK(pair.read(99) == " words");
  CHECK(pair.read(99) == "-ended");
  CHECK(pair.read(99) == "-ended");
}

TEST_CASE("an end that comes with a turn of its own is read too") {
  Pair pair;
  pair.say("x");
  pair.owned.turn();
  CHECK(pair.read(99) == "x");
  CHECK(pair.read(99) == "-blocked");
  CHECK_FALSE(pair.stream->peer_closed());
  pair.close_peer();
  pair.owned.turn();
  CHECK(pair.stream->peer_closed());
  CHECK(pair.read(99) == "-ended");
}

TEST_CASE("a peer that only ends its side has hung up, and can still be written to") {
  Pair pair;
  REQUIRE(shutdown(pair.peer, SHUT_WR) == 0);
  pair.owned.turn();
  CHECK(pair.stream->peer_closed());
  CHECK(pair.read(9) == "-ended");
  CHECK(pair.write("still there?").bytes == 12);
}

TEST_CASE("a peer that only ends its side has not left until it closes") {
  for (const Pair::Kind kind : {Pair::Kind::local, Pair::Kind::tcp}) {
    Pair pair(kind);
    CHECK_FALSE(pair.stream->peer_left(pair.owned.now()));
    CHECK(pair.stream->look_again() == base::kNever);
    REQUIRE(shutdown(pair.peer, SHUT_WR) == 0);
    while (!pair.stream->peer_closed()) pair.owned.turn();
    CHECK_FALSE(pair.stream->peer_left(pair.owned.now()));
    const base::Instant again = pair.stream->look_again();
    CHECK(again == pair.owned.now() + std::chrono::seconds(1));
    pair.close_peer();
    pair.owned.turn();
    CHECK(pair.stream->peer_left(again));
  }
}

TEST_CASE("a peer that closes has left at once, also where an end was expected") {
  for (const Pair::Kind kind : {Pair::Kind::local, Pair::Kind::tcp}) {
    for (const bool expected : {false, true}) {
      Pair pair(kind);
      if (expected) pair.stream->expect_end();
      pair.close_peer();
      while (!pair.stream->peer_closed()) pair.owned.turn();
      CHECK(pair.stream->peer_left(pair.owned.now()));
    }
  }
}

TEST_CASE("bytes, room and the end wake the sleeper, and nobody once it is taken back") {
  Pair pair;
  int set_waiter = 0;
  net::Task<void> task = count_wakes(pair.sleeper, set_waiter);
  task.start();
  pair.owned.turn();
  set_waiter = 0;
  pair.say("x");
  pair.owned.turn();
  CHECK(set_waiter == 1);
  pair.read(9);
  pair.owned.turn();
  CHECK(set_waiter == 1);
  pair.stream->set_waiter(nullptr);
  pair.close_peer();
  pair.owned.turn();
  CHECK(set_waiter == 1);
}

TEST_CASE("a write takes what the socket has room for, and wakes when it has room again") {
  Pair pair;
  int set_waiter = 0;
  net::Task<void> task = count_wakes(pair.sleeper, set_waiter);
  task.start();
  const std::string piece(64u << 10, 'x');
  std::size_t written = 0;
  Io io = pair.write(piece);
  for (; io.ok(); io = pair.write(piece)) written += io.bytes;
  REQUIRE(io.blocked());
  pair.owned.turn();
  set_waiter = 0;
  std::string drained(written, '\0');
  std::size_t read = 0;
  while (read < written) {
    const ssize_t count = recv(pair.peer, drained.data() + read, written - read, 0);
    REQUIRE(count > 0);
    read += static_cast<std::size_t>(count);
  }
  CHECK(drained == std::string(written, 'x'));
  pair.owned.turn();
  CHECK(set_waiter > 0);
  CHECK(pair.write("more").bytes == 4);
}

TEST_CASE("parts are written in one call, in order") {
  Pair pair;
  const std::array parts{net::part("a"), net::part(""), net::part("bc"), net::part("d")};
  CHECK(pair.stream->write(parts).bytes == 4);
  std::string got(9, '\0');
  CHECK(recv(pair.peer, got.data(), got.size(), 0) == 4);
  CHECK(got.substr(0, 4) == "abcd");
}

TEST_CASE("a write to a peer that is gone fails, without a signal") {
  Pair pair;
  pair.close_peer();
  CHECK(pair.write("x").status == Io::Status::failed);
}

TEST_CASE("quiet: nothing has come and nobody has gone") {
  SUBCASE("nothing") {
    Pair pair;
    CHECK(pair.stream->quiet(false));
    CHECK(pair.stream->quiet(true));
  }
  SUBCASE("bytes that the loop has not heard of yet: only the kernel knows") {
    Pair pair;
    pair.say("x");
    CHECK(pair.stream->quiet(false));
    CHECK_FALSE(pair.stream->quiet(true));
    pair.owned.turn();
    CHECK_FALSE(pair.stream->quiet(false));
    CHECK(pair.read(9) == "x");  // asking took nothing
    CHECK(pair.stream->quiet(true));
  }
  SUBCASE("an end that the loop has not heard of yet") {
    Pair pair;
    pair.close_peer();
    CHECK_FALSE(pair.stream->quiet(true));
    pair.owned.turn();
    CHECK_FALSE(pair.stream->quiet(false));
  }
}

TEST_CASE("shut tells the peer the end, and reading goes on") {
  Pair pair;
  pair.stream->shut();
  char byte;
  CHECK(recv(pair.peer, &byte, 1, 0) == 0);
  pair.say("answer");
  pair.owned.turn();
  CHECK(pair.read(9) == "answer");
}

TEST_CASE("closing is an end for the peer, but a reset where it was to break") {
  for (const bool breaks : {false, true}) {
    CAPTURE(breaks);
    Pair pair(Pair::Kind::tcp);
    CHECK(pair.write("half an answer").ok());
    if (breaks) pair.stream->reset_on_close();
    pair.stream.reset();
    std::array<char, 99> into;
    ssize_t count = recv(pair.peer, into.data(), into.size(), 0);
    while (count > 0) count = recv(pair.peer, into.data(), into.size(), 0);
    CHECK(count == (breaks ? -1 : 0));
    if (breaks) CHECK(errno == ECONNRESET);
  }
}

TEST_CASE("a reset is a failed read and a hang-up") {
  Pair pair(Pair::Kind::tcp);
  const linger now{.l_onoff = 1, .l_linger = 0};
  REQUIRE(setsockopt(pair.peer, SOL_SOCKET, SO_LINGER, &now, sizeof now) == 0);
  pair.close_peer();
  while (!pair.stream->peer_closed()) pair.owned.turn();
  CHECK(pair.read(9) == "-failed");
}

TEST_CASE("a stream knows the address at which it came in, and no other") {
  // A client of its loopback address asks a listener of that family.
  const auto accepted = [](int family, const char* client_address) {
    OwnedLoop owned;
    const int listener = socket(family, SOCK_STREAM, 0);
    const int off = 0;
    if (family == AF_INET6) setsockopt(listener, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    REQUIRE(listen(listener, 1) == 0);  // unbound: at every address, on a free port
    net::SocketAddress own;
    own.size = sizeof own.storage;
    getsockname(listener, reinterpret_cast<sockaddr*>(&own.storage), &own.size);
    const auto address = net::resolve(client_address, own.port())->front();
    const int client = socket(address.family(), SOCK_STREAM, 0);
    REQUIRE(connect(client, address.get(), address.size) == 0);
    const int fd = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK);
    const auto stream = TcpStream::open(owned.loop(), fd);
    close(client);
    close(listener);
    std::string at;
    for (const char* host : {"127.0.0.1", "127.0.0.2", "::1", "0:0::1", "::", "localhost", ""}) {
      if (stream->came_in_at(host)) at += std::string(host) + " ";
    }
    return at;
  };
  CHECK(accepted(AF_INET, "127.0.0.1") == "127.0.0.1 ");
  CHECK(accepted(AF_INET6, "::1") == "::1 0:0::1 ");
  CHECK(accepted(AF_INET6, "127.0.0.1") == "127.0.0.1 ");
  Pair local;
  CHECK_FALSE(local.stream->came_in_at("127.0.0.1"));
}

TEST_CASE("a descriptor that cannot be watched is closed") {
  OwnedLoop owned;
  const int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
  REQUIRE(fd >= 0);
  const int file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);  // epoll takes no regular file
  CHECK(TcpStream::open(owned.loop(), file) == nullptr);
  CHECK(fcntl(file, F_GETFD) == -1);
  close(fd);
}

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

TEST_CASE("what a peer said before it broke the connection is read after a write that failed") {
  Pair pair(Pair::Kind::tcp);
  const linger now{.l_onoff = 1, .l_linger = 0};
  REQUIRE(setsockopt(pair.peer, SOL_SOCKET, SO_LINGER, &now, sizeof now) == 0);
  pair.say("why");
  pair.close_peer();
  CHECK(pair.write("a request").status == Io::Status::failed);  // the loop has not heard of the end
  CHECK(pair.read(9) == "why");
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

TEST_CASE("who leaves bytes unread is not woken for each that follows, but for the end") {
  Pair pair;
  int wakes = 0;
  net::Task<void> task = count_wakes(pair.sleeper, wakes);
  task.start();
  const auto say = [&pair](int times) {
    for (int i = 0; i < times; ++i) {
      pair.say("x");
      pair.owned.turn();
    }
  };
  say(4);
  const int deaf = wakes;
  say(20);
  CHECK(wakes == deaf);
  CHECK(pair.read(2) == "xx");
  say(20);
  CHECK(wakes == deaf);
  CHECK(pair.read(99) == std::string(42, 'x'));  // less than asked for: now all is read
  pair.owned.turn();
  const int listening = wakes;
  say(1);
  CHECK(wakes == listening + 1);
  say(4);
  const int deaf_again = wakes;
  pair.close_peer();
  pair.owned.turn();
  CHECK(wakes > deaf_again);
  CHECK(pair.stream->peer_closed());
  CHECK(pair.read(99) == "xxxxx");
  CHECK(pair.read(99) == "-ended");
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
