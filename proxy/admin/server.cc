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
      sessions_(loop_),
      sampling_(loop_) {}

Server::~Server() {
  stop();
}

void Server::start(Hooks hooks) {
  endpoints_.emplace(std::move(hooks), options_.hosts);
  const net::AcceptLoop::Hooks hooks_for_each{.accept = [this](int fd) { accept(fd); },
                                              .full = {},
                                              .failed = [this](int error) { say_failed(error); },
                                              .recovered = [this] { say_recovered(); }};
  for (const net::Listener& listener : listeners_) {
    accept_loops_.push_back(
        std::make_unique<net::AcceptLoop>(loop_, listener.fd(), hooks_for_each));
  }
  sampler_ = sample();
  sampler_.start();
  thread_ = std::thread([this] { loop_.run(); });
}

void Server::serve_only(std::vector<unsigned> users) {
  loop_.post([this, users = std::move(users)] {
    options_.allowed_uids = users;
    sessions_.free_ended();
    std::erase_if(sessions_.all(), [this](Session& session) {
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
  accept_loops_.clear();
  listeners_.clear();
  sessions_.clear();
  endpoints_.reset();
}

void Server::accept(int fd) {
  std::unique_ptr<net::Stream> stream = net::TcpStream::open(loop_, fd);
  if (!stream) return;
  const Peer peer = peers_.find(fd, !options_.allowed_uids.empty());
  if (!serves(peer)) return;
  if (sessions_.serving() >= kSessionsMax) {
    sessions_.free_ended();
    sessions_.all().erase(std::ranges::min_element(sessions_.all(), {}, &Session::heard));
  }
  sessions_.begin([this](Session& session) { return serve(session, *endpoints_); }, loop_,
                  std::move(stream), net::peer_is_local(fd), peer, fd);
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

net::Task<void> Server::sample() {
  for (;;) {
    endpoints_->sample();
    const base::Instant next = loop_.now() + History::kInterval;
    while (loop_.now() < next) co_await sampling_.sleep(next);
  }
}

}  // namespace bearer::admin
