#include "admin/server.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "net/peer.h"
#include "net/tcp_stream.h"

namespace bearer::admin {

/// A listening socket.
struct Server::Door {
  Door(net::Loop& loop, int fd) : sleeper(loop), acceptor(loop, fd, sleeper) {}

  net::Sleeper sleeper;
  net::Acceptor acceptor;
  net::Task<void> task;
};

Server::Server(Options options, std::vector<net::Listener> listeners, const base::Clock& clock)
    : options_(std::move(options)),
      listeners_(std::move(listeners)),
      loop_(clock),
      sampling_(loop_),
      burial_(loop_) {}

Server::~Server() {
  stop();
}

void Server::start(Hooks hooks) {
  desk_.emplace(std::move(hooks), options_.hosts);
  for (const net::Listener& listener : listeners_) {
    Door& door = *doors_.emplace_back(std::make_unique<Door>(loop_, listener.fd()));
    door.task = accept(door);
    door.task.start();
  }
  undertaker_ = bury();
  undertaker_.start();
  sampler_ = sample();
  sampler_.start();
  thread_ = std::thread([this] { loop_.run(); });
}

void Server::stop() {
  if (!thread_.joinable()) return;
  loop_.stop();
  thread_.join();
  doors_.clear();
  listeners_.clear();
  ended_.clear();
  sessions_.clear();
  desk_.reset();
}

net::Task<void> Server::accept(Door& door) {
  constexpr std::chrono::milliseconds kFailedPause{100};
  constexpr int kAtOnce = 64;
  for (;;) {
    base::Instant next_look = base::kNever;
    net::Acceptor::Accepted accepted = door.acceptor.accept();
    for (int i = 1; accepted.status == net::Acceptor::Status::ok; ++i) {
      take_in(accepted.fd);
      if (i == kAtOnce) {
        door.sleeper.wake();
        break;
      }
      accepted = door.acceptor.accept();
    }
    if (accepted.status == net::Acceptor::Status::failed) next_look = loop_.now() + kFailedPause;
    co_await door.sleeper.sleep(next_look);
  }
}

bool Server::welcome(int fd) const {
  const std::vector<unsigned>& allowed = options_.allowed_uids;
  const auto uid = net::peer_uid(fd);
  return allowed.empty() || !uid || std::ranges::find(allowed, *uid) != allowed.end();
}

void Server::take_in(int fd) {
  const bool welcome_here = welcome(fd);
  const bool local = net::peer_is_local(fd);
  std::unique_ptr<net::Stream> stream = net::TcpStream::open(loop_, fd);
  if (!stream || !welcome_here) return;
  if (sessions_.size() >= kSessionsMax) {
    for (const auto& ended : std::exchange(ended_, {})) sessions_.erase(ended);
  }
  if (sessions_.size() >= kSessionsMax) {
    sessions_.erase(std::ranges::min_element(sessions_, {}, &Session::heard));
  }
  Session& made = sessions_.emplace_back(loop_, std::move(stream), local);
  made.self = std::prev(sessions_.end());
  made.task = session(made);
  made.task.start();
}

// A coroutine cannot free its own frame: that is done in the same turn, after it has ended.
net::Task<void> Server::session(Session& session) {
  co_await serve(session, *desk_);
  ended_.push_back(session.self);
  burial_.wake();
}

net::Task<void> Server::bury() {
  for (;;) {
    for (const auto& ended : std::exchange(ended_, {})) sessions_.erase(ended);
    co_await burial_.sleep(base::kNever);
  }
}

net::Task<void> Server::sample() {
  for (;;) {
    desk_->sample();
    const base::Instant next = loop_.now() + History::kInterval;
    while (loop_.now() < next) co_await sampling_.sleep(next);
  }
}

}  // namespace bearer::admin
