#include "relay/worker.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "net/peer.h"
#include "net/tcp_stream.h"
#include "relay/exchange.h"

namespace bearer::relay {

/// A listening socket, as this loop takes clients from it.
struct Worker::Door {
  Door(net::Loop& loop, int fd) : sleeper(loop), acceptor(loop, fd, sleeper) {}

  net::Sleeper sleeper;
  net::Acceptor acceptor;
  net::Task<void> task;
};

Worker::Worker(Parts parts)
    : parts_(std::move(parts)),
      loop_(parts_.clock),
      counters_(parts_.ledger.loop(loop_)),
      burial_(loop_),
      undertaker_(bury()) {
  undertaker_.start();
}

Worker::~Worker() = default;

void Worker::listen_on(int listening_fd) {
  doors_.push_back(std::make_unique<Door>(loop_, listening_fd));
  doors_.back()->task = accept(*doors_.back());
  doors_.back()->task.start();
}

net::Task<void> Worker::accept(Door& door) {
  // So many clients, then those that are being served have their turn.
  constexpr int kAtOnce = 64;
  constexpr std::chrono::milliseconds kFailedPause{100};
  for (;;) {
    base::Instant next_look = base::kNever;
    for (int i = 0; i < kAtOnce && !full(); ++i) {
      const net::Acceptor::Accepted accepted = door.acceptor.accept();
      if (accepted.status == net::Acceptor::Status::ok) {
        take_in(accepted.fd);
        if (i == kAtOnce - 1) door.sleeper.wake();
        continue;
      }
      if (accepted.status == net::Acceptor::Status::failed) {
        counters_.accepts_failed.add();
        parts_.observer.accepting_failed(accepted.error);
        next_look = loop_.now() + kFailedPause;
      }
      break;
    }
    co_await door.sleeper.sleep(next_look);
  }
}

void Worker::take_in(int fd) {
  std::unique_ptr<net::Stream> stream = net::TcpStream::open(loop_, fd);
  if (!stream) return;
  const std::vector<unsigned>& allowed = lanes_->plan().allowed_uids;
  if (!allowed.empty()) {
    const std::optional<uid_t> uid = net::peer_uid(fd);
    if (uid && std::ranges::find(allowed, *uid) == allowed.end()) {
      counters_.peers_refused.add();
      parts_.observer.peer_refused(*uid);
      return;
    }
  }
  add_client(std::move(stream));
}

void Worker::add_client(std::unique_ptr<net::Stream> stream) {
  Client& client = clients_.emplace_back(*this, loop_, std::move(stream));
  client.self = std::prev(clients_.end());
  counters_.clients.add();
  client.session = session(client);
  client.session.start();
}

// A coroutine cannot free its own frame: that is done in the same turn, after it has ended.
net::Task<void> Worker::session(Client& client) {
  co_await serve(client);
  ended_.push_back(client.self);
  counters_.clients.take();
  burial_.wake();
}

net::Task<void> Worker::bury() {
  for (;;) {
    const bool was_full = clients_.size() >= parts_.clients_max;
    for (const auto& client : std::exchange(ended_, {})) clients_.erase(client);
    if (was_full) {
      for (const auto& door : doors_) door->sleeper.wake();
    }
    if (draining_ && clients_.empty() && !std::exchange(drained_, true)) parts_.drained();
    co_await burial_.sleep(base::kNever);
  }
}

void Worker::drain() {
  draining_ = true;
  // Who has connected by now is served; then the sockets are no longer ours.
  while (!full() && !doors_.empty()) {
    const net::Acceptor::Accepted accepted = doors_.back()->acceptor.accept();
    if (accepted.status != net::Acceptor::Status::ok) {
      doors_.pop_back();
      continue;
    }
    take_in(accepted.fd);
  }
  doors_.clear();
  for (Client& client : clients_) client.sleeper.wake();
  burial_.wake();
}

}  // namespace bearer::relay
