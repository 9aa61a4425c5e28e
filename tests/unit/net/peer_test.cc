#include "net/peer.h"

#include <doctest/doctest.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <optional>

#include "base/descriptor.h"
#include "tests/support/raw_socket.h"
#include "tests/support/without_netlink.h"

using namespace bearer;
using net::Peer;
using Kind = net::Peer::Kind;

namespace {

/// The user of that end's peer, or nothing where the peer has none.
std::optional<unsigned> user_at(int fd) {
  const Peer peer = net::PeerFinder().find(fd, true);
  if (peer.kind != Kind::user) return std::nullopt;
  return peer.uid;
}

/// Connected within this machine; the client's own address may be one of its choice.
struct Connection {
  explicit Connection(const in_addr* from = nullptr) {
    sockaddr_in to{};
    socklen_t size = sizeof to;
    getsockname(listener.fd(), reinterpret_cast<sockaddr*>(&to), &size);
    if (from) {
      sockaddr_in own{};
      own.sin_family = AF_INET;
      own.sin_addr = *from;
      REQUIRE(bind(client.get(), reinterpret_cast<const sockaddr*>(&own), sizeof own) == 0);
    }
    REQUIRE(connect(client.get(), reinterpret_cast<const sockaddr*>(&to), size) == 0);
    ours.reset(accept4(listener.fd(), nullptr, nullptr, SOCK_CLOEXEC));
    REQUIRE(ours.open());
  }
  test::RawListener listener;
  base::Descriptor client{socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  base::Descriptor ours;
};

/// An IPv4 address of this machine that is not loopback's, if it has one.
std::optional<in_addr> outer_address() {
  ifaddrs* all = nullptr;
  if (getifaddrs(&all) != 0) return std::nullopt;
  std::optional<in_addr> found;
  for (const ifaddrs* one = all; one; one = one->ifa_next) {
    if (!one->ifa_addr || one->ifa_addr->sa_family != AF_INET) continue;
    const in_addr address = reinterpret_cast<const sockaddr_in*>(one->ifa_addr)->sin_addr;
    if (ntohl(address.s_addr) >> 24 != IN_LOOPBACKNET) found = address;
  }
  freeifaddrs(all);
  return found;
}

}  // namespace

TEST_CASE("a unix socket's peer is of this machine, and has a user") {
  int ends[2];
  REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
  CHECK(net::peer_is_local(ends[0]));
  CHECK(user_at(ends[0]) == geteuid());
  CHECK(net::PeerFinder().find(ends[0], false).kind == Kind::user);
  close(ends[0]);
  close(ends[1]);
}

TEST_CASE("whom --allow-uid names is served, and who comes from another machine") {
  const unsigned self = geteuid(), other = self + 1;
  const Peer peer{Kind::user, self};
  CHECK(net::is_welcome(peer, {}));
  CHECK(net::is_welcome(peer, std::array{other, self}));
  CHECK_FALSE(net::is_welcome(peer, std::array{other}));
  CHECK(net::is_welcome({Kind::elsewhere}, std::array{other}));
  for (const Kind nobody : {Kind::unasked, Kind::gone, Kind::untold}) {
    CHECK(net::is_welcome({nobody}, {}));
    CHECK_FALSE(net::is_welcome({nobody}, std::array{0U, self}));  // whatever `uid` says
  }
}

TEST_CASE("what is not connected has no peer") {
  const base::Descriptor fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  CHECK_FALSE(net::peer_is_local(fd.get()));
  CHECK_FALSE(user_at(fd.get()));
}

TEST_CASE("a loopback client has a user, which is asked for only where it matters") {
  const Connection connection;
  CHECK(net::peer_is_local(connection.ours.get()));
  CHECK(net::PeerFinder().find(connection.ours.get(), false).kind == Kind::unasked);
  CHECK(user_at(connection.ours.get()) == geteuid());
}

TEST_CASE("a loopback client that has gone is nobody's, and not from elsewhere") {
  Connection connection;
  const linger now{.l_onoff = 1, .l_linger = 0};
  setsockopt(connection.client.get(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
  connection.client.reset();  // it leaves no trace
  CHECK(net::PeerFinder().find(connection.ours.get(), true).kind != Kind::elsewhere);
  CHECK_FALSE(user_at(connection.ours.get()));
}

TEST_CASE("who reaches loopback from an outer address of this machine has a user, too") {
  const auto outer = outer_address();
  if (!outer) {
    MESSAGE("skipped: this machine has loopback's addresses only");
    return;
  }
  const Connection connection(&*outer);
  CHECK(user_at(connection.ours.get()) == geteuid());
}

TEST_CASE("whom the kernel does not tell is not served") {
  const Connection connection;
  test::without_netlink([&] {
    const Peer peer = net::PeerFinder().find(connection.ours.get(), true);
    CHECK(peer.kind == Kind::untold);
    CHECK_FALSE(net::is_welcome(peer, std::array{geteuid()}));
    CHECK(net::why_refused(peer).find("the kernel does not tell") == 0);
  });
}

TEST_CASE("a loopback peer that ended its sending is told from one that is gone") {
  using net::PeerReading;
  test::RawListener listener;
  struct Case {
    const char* what;
    void (*leave)(test::RawSocket&);
    PeerReading then;
  };
  const Case cases[] = {
      {"half closed", [](test::RawSocket& peer) { peer.half_close(); }, PeerReading::goes_on},
      {"closed", [](test::RawSocket& peer) { peer.close(); }, PeerReading::ended},
      {"half closed, then closed",
       [](test::RawSocket& peer) {
         peer.half_close();
         peer.close();
       },
       PeerReading::ended},
      {"reset", [](test::RawSocket& peer) { peer.reset(); }, PeerReading::ended},
  };
  for (const Case& c : cases) {
    CAPTURE(c.what);
    test::RawSocket peer = test::RawSocket::connect(listener.port());
    const int fd = accept4(listener.fd(), nullptr, nullptr, SOCK_CLOEXEC);
    c.leave(peer);
    CHECK(net::peer_reading(fd) == c.then);
    close(fd);
  }
}

TEST_CASE("a unix socket's peer reads until the connection hangs up") {
  int ends[2];
  REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
  REQUIRE(shutdown(ends[1], SHUT_WR) == 0);
  CHECK(net::peer_reading(ends[0]) == net::PeerReading::goes_on);
  close(ends[1]);
  CHECK(net::peer_reading(ends[0]) == net::PeerReading::ended);
  close(ends[0]);
}
