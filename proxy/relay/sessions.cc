#include "relay/sessions.h"

#include <chrono>
#include <memory>
#include <utility>

#include "base/descriptor.h"
#include "net/tcp_stream.h"
#include "relay/exchange.h"
#include "relay/report.h"

namespace bearer::relay {
namespace {

// A stream that waits for a place is served after the others of its connection. So it does not
// drive out a client that is about to ask for something. Nor are all clients looked at more often
// than this, unless a place came free.
constexpr base::Duration kRoomForStreams = wire::h2::Server::kAskAgain;

/// The client that has been idle for the longest time, at least since `since`; the one that leaves
/// already, if there is such a one; else null.
template <typename Clients>
Downstream* longest_idle(Clients&& clients, base::Instant since) {
  Downstream* longest = nullptr;
  for (Downstream& client : clients) {
    if (client.idle_since > since) continue;
    if (client.leaves) return &client;  // its place becomes free soon
    if (!longest || client.idle_since < longest->idle_since) longest = &client;
  }
  return longest;
}

void leave(Downstream& client) {
  if (std::exchange(client.leaves, true)) return;
  client.sleeper.wake();
}

}  // namespace

Sessions::Sessions(Parts parts)
    : context_(parts.clock, parts.observer, parts.registry, std::move(parts.random),
               parts.requests_kept),
      clients_max_(parts.clients_max),
      drained_(std::move(parts.drained)),
      siblings_(parts.siblings),
      clients_(context_.loop, [this](std::size_t before) { reaped(before); }) {
  context_.replay_budget = parts.replay_budget;
  context_.traces = parts.traces;
  if (siblings_) context_.place_wanted = siblings_->place_wanted;
  // Streams that still wait at a drain's end come in without a place, each for a 503. A client
  // could repeat a refused stream elsewhere, but here it would meet a closed socket; the reply says
  // why. It needs no connection to an upstream, which is what places are for.
  context_.places_of_streams = {.free = [this] { return !full() || context_.waits_are_over; },
                                .make_room = [this] { make_room_for_stream(); }};
  context_.add_stream = [this](std::unique_ptr<net::Stream> stream, const net::Peer& peer, int fd) {
    clients_.begin(serve, context_, std::move(stream), peer, fd, Downstream::Kind::http2_stream);
  };
}

Sessions::~Sessions() = default;

void Sessions::apply(std::shared_ptr<LoopRoutes> routes) {
  context_.routes = std::move(routes);
  for (Downstream& client : clients_.all()) {
    // Clients that came while their users did not matter are looked up now.
    if (context_.asks_for_users() && client.peer.kind == net::Peer::Kind::unasked) {
      client.peer = peers_.find(client.fd, true);
    }
    if (!context_.serves(client.peer)) client.sleeper.wake();
  }
}

void Sessions::listen_on(int listening_fd) {
  const net::AcceptLoop::Hooks hooks{
      .accept = [this](int fd) { accept(fd); },
      .full = [this] { return no_room(); },
      .make_room = [this] { make_room(); },
      .failed = [this](int error) { report_accepting_failed(context_, error); },
      .recovered = [this] { report_accepting_recovered(context_); },
  };
  accept_loops_.push_back(std::make_unique<net::AcceptLoop>(context_.loop, listening_fd, hooks));
}

bool Sessions::no_room() const {
  return full() && (!siblings_ || context_.draining || !next_with_room());
}

Sessions* Sessions::next_with_room() const {
  const std::size_t first = siblings_->next_turn++;
  for (std::size_t i = 0; i < siblings_->all.size(); ++i) {
    Sessions* next = siblings_->all[(first + i) % siblings_->all.size()];
    if (next == this ? !full() : next->has_room()) return next;
  }
  return nullptr;
}

void Sessions::accept(int fd) {
  Sessions* next = siblings_ && !context_.draining ? next_with_room() : this;
  if (next && next != this && next->take_over(fd)) {
    *context_.place_wanted = false;  // the newcomer that wanted it has another one
    return;
  }
  // If a sibling has filled the place that was there a moment ago, this loop serves one client more
  // than its limit: the client has been accepted.
  take(fd);
}

bool Sessions::has_room() const {
  const LoopCounters& its = context_.counters;
  return !closed_ && its.clients.value() + its.streams.value() + coming_ < clients_max_;
}

bool Sessions::take_over(int fd) {
  // Either this sees that nobody is accepted any more, or the drain sees that a client is coming.
  ++coming_;
  const LoopCounters& its = context_.counters;
  if (closed_ || its.clients.value() + its.streams.value() + coming_ > clients_max_) {
    --coming_;
    // A drain may have waited for this client.
    if (closed_) loop().post([this] { say_if_drained(); });
    return false;
  }
  // A posted function is copied. Where that loop ends before, the connection is closed.
  const auto handed = std::make_shared<base::Descriptor>(fd);
  loop().post([this, handed] {
    take(handed->release());
    --coming_;
    say_if_drained();
  });
  return true;
}

void Sessions::take(int fd) {
  std::unique_ptr<net::Stream> stream = net::TcpStream::open(context_.loop, fd);
  if (stream) add_client(std::move(stream), peers_.find(fd, context_.asks_for_users()), fd);
}

void Sessions::make_room() {
  if (let_one_go()) return;
  *context_.place_wanted = true;
  ask_a_sibling_for_room();
  report_no_place(context_, clients());
}

bool Sessions::let_one_go() {
  Downstream* longest = longest_idle(clients_.all(), context_.now());
  if (!longest) return false;
  leave(*longest);
  return true;
}

void Sessions::make_room_for_stream() {
  const base::Instant now = context_.now();
  if (now < looks_for_room_at_) return;
  looks_for_room_at_ = base::after(now, kRoomForStreams);
  Downstream* longest = longest_idle(clients_.all(), now - kRoomForStreams);
  if (longest) return leave(*longest);
  report_no_place(context_, clients());
}

// One of them at a time: the newcomer needs one place, and asks again as long as it waits.
void Sessions::ask_a_sibling_for_room() const {
  if (!siblings_) return;
  const std::size_t first = siblings_->next_asked++;
  for (std::size_t i = 0; i < siblings_->all.size(); ++i) {
    Sessions* next = siblings_->all[(first + i) % siblings_->all.size()];
    if (next != this) return next->loop().post([next] { next->let_one_go(); });
  }
}

void Sessions::add_client(std::unique_ptr<net::Stream> stream, const net::Peer& peer, int fd) {
  *context_.place_wanted = false;  // a place was found
  clients_.begin(serve, context_, std::move(stream), peer, fd, Downstream::Kind::connection);
}

void Sessions::reaped(std::size_t before) {
  if (before >= clients_max_) {
    for (const auto& accepting : accept_loops_) accepting->wake();
    looks_for_room_at_ = {};
    context_.places.wake_all();
  }
  say_if_drained();
}

void Sessions::say_if_drained() {
  const bool over = context_.draining && clients() == 0 && coming_ == 0;
  if (over && !std::exchange(drained_said_, true)) drained_();
}

void Sessions::end_waits() {
  context_.waits_are_over = true;
  for (Downstream& client : clients_.all()) client.sleeper.wake();
}

void Sessions::drain() {
  context_.draining = true;
  closed_ = true;
  // Clients that have connected by now are served. After that the sockets are no longer ours.
  for (const auto& accepting : accept_loops_) accepting->take_all();
  accept_loops_.clear();
  for (Downstream& client : clients_.all()) client.sleeper.wake();
  clients_.wake_reaper();
}

}  // namespace bearer::relay
