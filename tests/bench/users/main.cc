// What it costs a connection to ask the kernel for its user (--allow-uid): prints a line of JSON.
#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <vector>

#include "base/descriptor.h"
#include "net/listener.h"
#include "net/peer.h"

namespace {

using bearer::base::Descriptor;
using bearer::net::Listener;
using bearer::net::Peer;
using Clock = std::chrono::steady_clock;

constexpr int kConnections = 20'000;
constexpr int kKept = 500;  // as many are open beside the one that is asked for

double microseconds(Clock::duration time) {
  return std::chrono::duration<double, std::micro>(time).count();
}

}  // namespace

int main() {
  const std::vector<Listener> listeners =
      Listener::open(bearer::net::Address{"127.0.0.1", 0}).value();
  const Listener& listener = listeners.front();
  bearer::net::PeerFinder peers;
  std::vector<Descriptor> kept(2 * kKept);
  std::vector<double> took;
  for (int i = 0; i < kConnections; ++i) {
    Descriptor client(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (connect(client.get(), listener.address().get(), listener.address().size) != 0) return 1;
    Descriptor ours(accept4(listener.fd(), nullptr, nullptr, SOCK_CLOEXEC));
    const Clock::time_point began = Clock::now();
    const Peer peer = peers.find(ours.get(), true);
    took.push_back(microseconds(Clock::now() - began));
    if (peer.kind != Peer::Kind::user) std::abort();
    const auto place = static_cast<std::size_t>(2 * (i % kKept));
    // Broken off, so that no ports are used up by connections that are over.
    const linger now{.l_onoff = 1, .l_linger = 0};
    setsockopt(kept[place].get(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
    kept[place] = std::move(client);
    kept[place + 1] = std::move(ours);
  }
  std::ranges::sort(took);
  const auto at = [&](double part) {
    return took[static_cast<std::size_t>(part * static_cast<double>(took.size() - 1))];
  };
  std::cout << R"({"connections":)" << kConnections << R"(,"median_us":)" << at(0.5)
            << R"(,"p99_us":)" << at(0.99) << "}" << std::endl;
}
