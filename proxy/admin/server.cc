#include "admin/server.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include "base/log.h"
#include "net/tcp_stream.h"

namespace bearer::admin {

using net::Peer;

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
  endpoints_.emplace(std::move(hooks), options_.hosts);
  const net::AcceptLoop::Hooks at_doors{.accept = [this](int fd) { accept(fd); },
                                        .full = {},
                                        .failed = [this](int error) { say_failed(error); },
                                        .recovered = [this] { say_recovered(); }};
  for (const net::Listener& listener : listeners_) {
    doors_.push_back(std::make_unique<net::AcceptLoop>(loop_, listener.fd(), at_doors));
  }
  undertaker_ = bury();
  undertaker_.start();
  sampler_ = sample();
  sampler_.start();
  thread_ = std::thread([this] { loop_.run(); });
}

void Server::serve_only(std::vector<unsigned> users) {
  loop_.post([this, users = std::move(users)] {
    options_.allowed_uids = users;
    bury_ended();
    std::erase_if(sessions_, [this](Session& session) {
      const bool asked = options_.allowed_uids.empty() || session.peer.kind != Peer::Kind::unasked;
      if (!asked) session.peer = peers_.find(session.fd, true);
      return !serves(session.peer);
    });
  });
}

void Server::stop() {
  if (!thread_.joinable()) return;
  loop_.stop();
  thread_.join();
  doors_.clear();
  listeners_.clear();
  ended_.clear();
  sessions_.clear();
  endpoints_.reset();
}

void Server::accept(int fd) {
  std::unique_ptr<net::Stream> stream = net::TcpStream::open(loop_, fd);
  if (!stream) return;
  const Peer peer = peers_.find(fd, !options_.allowed_uids.empty());
  if (!serves(peer)) return;
  if (sessions_.size() >= kSessionsMax) bury_ended();
  if (sessions_.size() >= kSessionsMax) {
    sessions_.erase(std::ranges::min_element(sessions_, {}, &Session::heard));
  }
  Session& made =
      sessions_.emplace_back(loop_, std::move(stream), net::peer_is_local(fd), peer, fd);
  made.self = std::prev(sessions_.end());
  made.task = session(made);
  made.task.start();
}

bool Server::serves(const Peer& peer) {
  if (net::is_welcome(peer, options_.allowed_uids)) return true;
  if (const auto clients = peers_refused_.come(loop_.now())) {
    const std::string sentence =
        "a client of the admin port was refused: " + net::why_refused(peer);
    base::log(base::LogLevel::warning, sentence, {{"clients", *clients}});
  }
  return false;
}

void Server::say_failed(int error) {
  const auto failures = accepting_failed_.come(loop_.now());
  if (!failures) return;
  base::log(base::LogLevel::warning, "the admin port cannot take connections for now: they wait",
            {{"reason", std::string_view(std::strerror(error))}, {"failures", *failures}});
}

void Server::say_recovered() {
  const auto failures = accepting_failed_.gone(loop_.now());
  if (!failures) return;
  base::log(base::LogLevel::info, "the admin port takes connections again",
            {{"failures", *failures}});
}

// A coroutine cannot free its own frame: that is done in the same turn, after it has ended.
net::Task<void> Server::session(Session& session) {
  co_await serve(session, *endpoints_);
  ended_.push_back(session.self);
  burial_.wake();
}

void Server::bury_ended() {
  for (const auto& ended : std::exchange(ended_, {})) sessions_.erase(ended);
}

net::Task<void> Server::bury() {
  for (;;) {
    bury_ended();
    co_await burial_.sleep(base::kNever);
  }
}

net::Task<void> Server::sample() {
  for (;;) {
    endpoints_->sample();
    const base::Instant next = loop_.now() + History::kInterval;
    while (loop_.now() < next) co_await sampling_.sleep(next);
  }
}

}  // namespace bearer::admin
