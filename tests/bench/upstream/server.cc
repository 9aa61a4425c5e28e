#include "bench/upstream/server.h"

#include <sys/socket.h>

#include <cerrno>
#include <cstdio>

namespace bearer::bench {

using Wait = Connection::Wait;

Server::Server(const ApiOptions& options, TlsContext tls) : api_(options), tls_(std::move(tls)) {
  open(plain_, "plain");
  if (tls_) open(secure_.emplace(listen_on_loopback()), "tls");
  std::fflush(stdout);
}

void Server::run() {
  for (;;) {
    for (const epoll_event& event : poller_.wait(next_due())) handle(event);
    run_timers();
  }
}

void Server::open(Descriptor& listener, const char* name) {
  poller_.add(listener.get(), EPOLLIN, &listener);
  std::printf("%s %u\n", name, unsigned{local_port(listener)});
}

void Server::handle(const epoll_event& event) {
  if (event.data.ptr == &plain_) return accept_all(plain_, nullptr);
  if (secure_ && event.data.ptr == &*secure_) return accept_all(*secure_, tls_.get());
  auto& connection = *static_cast<Connection*>(event.data.ptr);
  if (connection.waits_for == Wait::timer) return forget(connection);  // its client has left
  settle(connection, connection.waits_for == Wait::writable ? connection.on_writable()
                                                            : connection.on_readable(scratch_));
}

void Server::accept_all(const Descriptor& listener, SSL_CTX* context) {
  for (;;) {
    Descriptor socket(::accept4(listener.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (socket.get() < 0) {
      if (errno == EAGAIN || errno == ECONNABORTED) return;
      fail("accept");
    }
    auto connection = std::make_unique<Connection>(Transport(std::move(socket), context), api_);
    poller_.add(connection->fd(), EPOLLIN, connection.get());
    Connection* const key = connection.get();
    connections_.emplace(key, std::move(connection));
  }
}

void Server::settle(Connection& connection, Wait next) {
  if (next == Wait::nothing) return forget(connection);
  if (next == connection.waits_for) return;
  connection.waits_for = next;
  if (next == Wait::timer) timers_.emplace(connection.due(), &connection);
  // While a timer runs, only the client's departure is of interest.
  const std::uint32_t events = next == Wait::writable   ? std::uint32_t{EPOLLOUT}
                               : next == Wait::readable ? std::uint32_t{EPOLLIN}
                                                        : std::uint32_t{EPOLLRDHUP};
  poller_.change(connection.fd(), events, &connection);
}

void Server::run_timers() {
  const Instant now = std::chrono::steady_clock::now();
  while (!timers_.empty() && timers_.begin()->first <= now) {
    Connection& connection = *timers_.begin()->second;
    timers_.erase(timers_.begin());
    settle(connection, connection.on_timer());
  }
}

Instant Server::next_due() const {
  return timers_.empty() ? Instant::max() : timers_.begin()->first;
}

void Server::forget(Connection& connection) {
  timers_.erase({connection.due(), &connection});
  connections_.erase(&connection);
}

}  // namespace bearer::bench
