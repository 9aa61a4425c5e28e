#include "net/connect.h"

#include <doctest/doctest.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <memory>
#include <thread>
#include <vector>

#include "net/listener.h"
#include "tests/support/dial_stage.h"
#include "tests/support/no_descriptors.h"
#include "tests/support/owned_loop.h"

using namespace bearer;
using base::Errc;

namespace {

/// Has what connects to `to`, or why not.
base::Result<std::unique_ptr<net::Stream>> connected(test::OwnedLoop& owned,
                                                     const net::SocketAddress& to) {
  net::Sleeper sleeper(owned.loop());
  return owned.run(net::connect(owned.loop(), to, {sleeper, base::kNever, nullptr}));
}

bool wake_loopback() {
  const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  ifreq lo{};
  std::strcpy(lo.ifr_name, "lo");
  lo.ifr_flags = IFF_UP;
  const bool awake = ioctl(fd, SIOCSIFFLAGS, &lo) == 0;
  close(fd);
  return awake;
}

/// Calls `then` on a thread that has a network of its own, asleep. Only root may do that.
template <typename Then>
void in_own_network(Then then) {
  bool made = false;
  std::thread thread([&] {
    made = unshare(CLONE_NEWNET) == 0;
    if (made) then();
  });
  thread.join();
  if (!made) MESSAGE("no network of its own may be made here");
}

}  // namespace

TEST_CASE("no descriptor for a connection is ours, not the server's") {
  test::OwnedLoop owned;
  const test::SilentServer server;
  const test::NoDescriptors none;
  const auto outcome = connected(owned, server.address());
  REQUIRE(outcome.has_error());
  CHECK(outcome.error().code == Errc::descriptors_used_up);
}

TEST_CASE("no local port for a connection is ours, and no network is not") {
  in_own_network([] {
    test::OwnedLoop owned;
    const net::SocketAddress nowhere = net::resolve("127.0.0.1", 6099)->front();
    const auto asleep = connected(owned, nowhere);
    CHECK((asleep.has_error() && asleep.error().code == Errc::connect_unreachable));

    const bool ready = wake_loopback() && (std::ofstream("/proc/sys/net/ipv4/ip_local_port_range")
                                           << "47001 47002" << std::flush);
    if (!ready) MESSAGE("the kernel's settings may not be changed here");
    if (!ready) return;
    const auto listeners = net::Listener::open(net::Address{"127.0.0.1", 6099}).value();
    std::vector<std::unique_ptr<net::Stream>> open;
    for (int i = 0; i < 2; ++i) {
      auto stream = connected(owned, listeners.front().address());
      CHECK(stream.has_value());
      if (stream) open.push_back(std::move(*stream));
    }
    const auto outcome = connected(owned, listeners.front().address());
    CHECK(outcome.has_error());
    if (!outcome.has_error()) return;
    CHECK(outcome.error().code == Errc::descriptors_used_up);
    CHECK(outcome.error().sentence().find("ip_local_port_range") != std::string::npos);
  });
}
