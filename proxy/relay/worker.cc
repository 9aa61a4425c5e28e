#include "relay/worker.h"

#include <utility>

#include "net/peer.h"
#include "net/tcp_stream.h"
#include "relay/exchange.h"
#include "relay/report.h"

namespace bearer::relay {

Worker::Worker(Parts parts)
    : parts_(std::move(parts)),
      loop_(parts_.clock),
      counters_(parts_.ledger.loop(loop_)),
      reap_wake_(loop_),
      reaper_(reap()) {
  reaper_.start();
}

Worker::~Worker() = default;

void Worker::apply(std::shared_ptr<LoopRoutes> lanes) {
  lanes_ = std::move(lanes);
  for (Downstream& client : clients_) {
    if (!serves(client)) client.sleeper.wake();
  }
}

bool Worker::serves(const Downstream& client) const {
  return net::is_welcome(client.user, lanes_->plan().allowed_uids);
}

void Worker::listen_on(int listening_fd) {
  const net::AcceptLoop::Hooks hooks{
      .accept = [this](int fd) { accept(fd); },
      .full = [this] { return full(); },
      .failed = [this](int error) { report_accepting_failed(*this, error); },
      .recovered = [this] { report_accepting_recovered(*this); },
  };
  doors_.push_back(std::make_unique<net::AcceptLoop>(loop_, listening_fd, hooks));
}

void Worker::accept(int fd) {
  std::unique_ptr<net::Stream> stream = net::TcpStream::open(loop_, fd);
  if (stream) add_client(std::move(stream), net::peer_uid(fd));
}

void Worker::add_client(std::unique_ptr<net::Stream> stream, std::optional<uid_t> user) {
  Downstream& client = clients_.emplace_back(*this, loop_, std::move(stream), user);
  client.self = std::prev(clients_.end());
  counters_.clients.add();
  client.session = session(client);
  client.session.start();
}

// A coroutine cannot free its own frame: that is done in the same turn, after it has ended.
net::Task<void> Worker::session(Downstream& client) {
  co_await serve(client);
  ended_.push_back(client.self);
  counters_.clients.take();
  reap_wake_.wake();
}

net::Task<void> Worker::reap() {
  for (;;) {
    const bool was_full = clients_.size() >= parts_.clients_max;  // with those that are buried now
    for (const auto& client : std::exchange(ended_, {})) clients_.erase(client);
    if (was_full) {
      for (const auto& door : doors_) door->wake();
    }
    if (draining_ && clients_.empty() && !std::exchange(drained_, true)) parts_.drained();
    co_await reap_wake_.sleep(base::kNever);
  }
}

void Worker::drain() {
  draining_ = true;
  // Who has connected by now is served; then the sockets are no longer ours.
  for (const auto& door : doors_) door->take_all();
  doors_.clear();
  for (Downstream& client : clients_) client.sleeper.wake();
  reap_wake_.wake();
}

}  // namespace bearer::relay
