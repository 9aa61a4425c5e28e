#include "net/listener.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <utility>

#include "net/resolver.h"
#include "tests/support/reserved_port.h"

using namespace bearer;
using net::Listener;

namespace {

constexpr const char* kForeign = "192.0.2.1";  // RFC 5737: nobody's

/// `localhost` stands for these on most machines.
net::SocketAddresses both_loopbacks(std::uint16_t port) {
  return {net::resolve("::1", port)->front(), net::resolve("127.0.0.1", port)->front()};
}

bool can_connect(const net::SocketAddress& address) {
  const int fd = socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC, 0);
  const bool connected = connect(fd, address.get(), address.size) == 0;
  close(fd);
  return connected;
}

}  // namespace

TEST_CASE("port 0 takes a free port, and says which") {
  const auto listeners = Listener::open(net::Address{"127.0.0.1", 0});
  REQUIRE(listeners.has_value());
  REQUIRE(listeners->size() == 1);
  const net::SocketAddress& address = listeners->front().address();
  CHECK(address.port() > 0);
  CHECK(address.text() == "127.0.0.1:" + std::to_string(address.port()));
  CHECK(can_connect(address));
}

TEST_CASE("port 0 is the same port on all addresses of a name") {
  const auto listeners = Listener::open(both_loopbacks(0));
  REQUIRE(listeners.has_value());
  REQUIRE(listeners->size() == 2);
  CHECK(listeners->front().address().port() > 0);
  CHECK(listeners->front().address().port() == listeners->back().address().port());
  CHECK(listeners->front().address().family() == AF_INET6);
  CHECK(listeners->back().address().family() == AF_INET);
  for (const Listener& listener : *listeners) CHECK(can_connect(listener.address()));
}

TEST_CASE("localhost is listened on") {
  const auto listeners = Listener::open(net::Address{"localhost", 0});
  REQUIRE(listeners.has_value());
  for (const Listener& listener : *listeners) CHECK(can_connect(listener.address()));
}

TEST_CASE("a socket that somebody else opened is taken over") {
  const test::ReservedPort ours;  // before and after it is listened on
  auto opened = Listener::open(net::Address{"127.0.0.1", ours.port()});
  REQUIRE(opened.has_value());
  const net::SocketAddress address = opened->front().address();
  {
    const int fd = dup(opened->front().fd());
    const auto adopted = Listener::adopt(fd);
    REQUIRE(adopted.has_value());
    opened->clear();
    CHECK(adopted->address() == address);
    CHECK((fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
    CHECK((fcntl(fd, F_GETFL) & O_NONBLOCK) != 0);
    CHECK(can_connect(address));
  }
  CHECK_FALSE(can_connect(address));
}

TEST_CASE("what is no listening stream socket is not taken over, and the reason is said") {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  const int idle = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int datagrams = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  const int unnamed = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  CHECK(Listener::adopt(ends[0]).error().detail == "is no socket");
  CHECK(Listener::adopt(idle).error().detail == "does not listen; Accept=yes is not for us");
  CHECK(Listener::adopt(datagrams).error().detail == "is not for streams (ListenStream=)");
  CHECK(Listener::adopt(unnamed).error().detail == "is an abstract one; give it a path");
  for (const int fd : {ends[0], ends[1], idle, datagrams, unnamed}) CHECK(close(fd) == 0);
  CHECK(Listener::adopt(idle).error().detail == "is not there");
}

TEST_CASE("an address that is named twice is listened on once") {
  const net::SocketAddress address = net::resolve("127.0.0.1", 0)->front();
  const auto listeners = Listener::open({address, address});
  REQUIRE(listeners.has_value());
  CHECK(listeners->size() == 1);
}

TEST_CASE("an address that this machine does not have is left out") {
  const auto listeners =
      Listener::open({net::resolve(kForeign, 0)->front(), net::resolve("127.0.0.1", 0)->front()});
  REQUIRE(listeners.has_value());
  REQUIRE(listeners->size() == 1);
  CHECK(listeners->front().address().text().starts_with("127.0.0.1:"));
}

TEST_CASE("an address in use is an error that says so, and what to do") {
  const auto first = Listener::open(net::Address{"127.0.0.1", 0});
  REQUIRE(first.has_value());
  const std::uint16_t port = first->front().address().port();
  const auto second = Listener::open(net::Address{"127.0.0.1", port});
  REQUIRE(second.has_error());
  CHECK(second.error().code == base::Errc::address_unusable);
  CHECK(second.error().detail.find("127.0.0.1:" + std::to_string(port)) != std::string::npos);
  CHECK(second.error().detail.find("another program listens there") != std::string::npos);
}

TEST_CASE("a name is not listened on by halves where one of its addresses is in use") {
  const auto first = Listener::open(net::Address{"127.0.0.1", 0});
  REQUIRE(first.has_value());
  const auto second = Listener::open(both_loopbacks(first->front().address().port()));
  REQUIRE(second.has_error());
  CHECK(second.error().detail.find("another program listens there") != std::string::npos);
}

TEST_CASE("a name that does not resolve is an error that names it") {
  const auto listeners = Listener::open(net::Address{"not a name", 0});
  REQUIRE(listeners.has_error());
  CHECK(listeners.error().code == base::Errc::address_unusable);
  CHECK(listeners.error().detail.find("cannot listen on not a name:0: ") == 0);
}

TEST_CASE("an address of another machine cannot be listened on") {
  const auto listeners = Listener::open(net::Address{kForeign, 0});
  REQUIRE(listeners.has_error());
  CHECK(listeners.error().detail.find("192.0.2.1:0: ") != std::string::npos);
}

TEST_CASE("a listener's end frees its port, a moved one keeps it") {
  const test::ReservedPort ours;  // before and after it is listened on
  const net::Address address{"127.0.0.1", ours.port()};
  {
    auto first = Listener::open(address);
    REQUIRE(first.has_value());
    const Listener moved(std::move(first->front()));
    CHECK(can_connect(moved.address()));
    CHECK(Listener::open(address).has_error());
  }
  CHECK(Listener::open(address).has_value());
}
