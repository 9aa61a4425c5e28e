#include "net/sock_diag.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <optional>
#include <string>

#include "base/descriptor.h"
#include "net/listener.h"
#include "tests/support/without_netlink.h"

using namespace bearer;
using base::Descriptor;
using net::DiagnosedSocket;
using net::SockDiag;

namespace {

/// A connection within this machine: the client's end, and ours.
struct Pair {
  /// `[::1]` or `127.0.0.1`, and the address that the client names.
  explicit Pair(const std::string& listen = "127.0.0.1", const std::string& name = "") {
    const auto listeners = net::Listener::open(net::Address{listen, 0});
    net::SocketAddress address = listeners.value().front().address();
    if (!name.empty()) address = mapped(name, address.port());
    client = Descriptor(socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC, 0));
    REQUIRE(connect(client.get(), address.get(), address.size) == 0);
    ours = Descriptor(accept4(listeners.value().front().fd(), nullptr, nullptr, SOCK_CLOEXEC));
    REQUIRE(ours.open());
  }
  static net::SocketAddress mapped(const std::string& name, std::uint16_t port) {
    net::SocketAddress address;
    auto& v6 = reinterpret_cast<sockaddr_in6&>(address.storage);
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    REQUIRE(inet_pton(AF_INET6, name.c_str(), &v6.sin6_addr) == 1);
    address.size = sizeof v6;
    return address;
  }
  std::optional<DiagnosedSocket> asked() {
    SockDiag::Answer answer = diag.other_end(ours.get());
    REQUIRE(answer);
    return *answer;
  }

  SockDiag diag = SockDiag::open().value();
  Descriptor client, ours;
};

bool has_ipv6() {
  return net::Listener::open(net::Address{"::1", 0}).has_value();
}

}  // namespace

TEST_CASE("the kernel tells the user and the state of the other end") {
  Pair pair;
  REQUIRE(pair.asked());
  CHECK(pair.asked()->state == TCP_ESTABLISHED);
  CHECK(pair.asked()->user == geteuid());
}

TEST_CASE("the other end is found by IPv6, and by an IPv4 address that is mapped") {
  if (!has_ipv6()) {
    MESSAGE("skipped: this machine has no IPv6");
    return;
  }
  Pair six("::1");
  REQUIRE(six.asked());
  CHECK(six.asked()->user == geteuid());
  Pair mapped("127.0.0.1", "::ffff:127.0.0.1");
  REQUIRE(mapped.asked());
  CHECK(mapped.asked()->user == geteuid());
  // The same, as who listens on [::] for both sees it.
  CHECK(SockDiag::open().value().other_end(mapped.client.get()).value()->user == geteuid());
}

TEST_CASE("an end that stopped sending is still somebody's, one that was closed is nobody's") {
  Pair pair;
  REQUIRE(shutdown(pair.client.get(), SHUT_WR) == 0);
  REQUIRE(pair.asked());
  const int state = pair.asked()->state;  // by whether its FIN is acknowledged yet
  CHECK((state == TCP_FIN_WAIT1 || state == TCP_FIN_WAIT2));
  CHECK(pair.asked()->user == geteuid());
  CHECK(pair.asked()->reads);
  pair.client.reset();
  const std::optional<DiagnosedSocket> gone = pair.asked();
  CHECK((!gone || !gone->user));  // the kernel would say root
}

TEST_CASE("one that is closed with all said is nobody's, not root's") {
  Pair pair;
  pair.ours = Descriptor(dup(pair.ours.get()));
  REQUIRE(send(pair.client.get(), "GET", 3, 0) == 3);
  pair.client.reset();
  const std::optional<DiagnosedSocket> gone = pair.asked();
  CHECK((!gone || !gone->user));
}

TEST_CASE("who listens where the client was is not taken for the client") {
  const auto reusable = [] {
    Descriptor made(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const int on = 1;
    setsockopt(made.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    return made;
  };
  const auto listeners = net::Listener::open(net::Address{"127.0.0.1", 0});
  const net::SocketAddress own = listeners.value().front().address();
  net::SocketAddress client = own;
  client.set_port(0);
  Descriptor leaving = reusable();
  REQUIRE(bind(leaving.get(), client.get(), client.size) == 0);
  getsockname(leaving.get(), reinterpret_cast<sockaddr*>(&client.storage), &client.size);
  REQUIRE(connect(leaving.get(), own.get(), own.size) == 0);
  // Before the client leaves, so that nobody else takes its port.
  const Descriptor other = reusable();
  REQUIRE(bind(other.get(), client.get(), client.size) == 0);
  REQUIRE(listen(other.get(), 1) == 0);
  SockDiag diag = SockDiag::open().value();
  CHECK(diag.find(client, own).value());
  const linger now{.l_onoff = 1, .l_linger = 0};
  setsockopt(leaving.get(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
  leaving.reset();
  CHECK_FALSE(diag.find(client, own).value());
}

TEST_CASE("what is not connected has no other end") {
  SockDiag diag = SockDiag::open().value();
  const Descriptor fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  CHECK_FALSE(diag.other_end(fd.get()).value());
  CHECK_FALSE(diag.other_end(-1).value());
}

TEST_CASE("where the kernel lets nobody ask, that is said with its reason") {
  test::without_netlink([] {
    const auto opened = SockDiag::open();
    REQUIRE_FALSE(opened);
    CHECK(opened.error().code == base::Errc::address_unusable);
    CHECK(opened.error().detail ==
          "the kernel does not tell whose a connection is (sock_diag: Address family not supported "
          "by protocol)");
  });
}

TEST_CASE("an end that stopped receiving as well reads no more") {
  Pair pair;
  CHECK(pair.asked()->reads);
  REQUIRE(shutdown(pair.client.get(), SHUT_RDWR) == 0);
  REQUIRE(pair.asked());
  CHECK(pair.asked()->user == geteuid());
  CHECK_FALSE(pair.asked()->reads);
}

TEST_CASE("our own end is found while it is of this network namespace") {
  Pair pair;
  REQUIRE(pair.diag.own_end(pair.ours.get()).value());
  CHECK(pair.diag.own_end(pair.ours.get()).value()->state == TCP_ESTABLISHED);
  CHECK_FALSE(pair.diag.own_end(-1).value());
}
