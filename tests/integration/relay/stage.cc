#include "tests/integration/relay/stage.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <future>
#include <memory>
#include <utility>

#include "net/dialer.h"

namespace bearer::test {
namespace {

std::unique_ptr<net::TlsContext> tls_of(const relay::RouteOptions& route) {
  if (!route.upstream.tls) return nullptr;
  return std::move(*net::TlsContext::make(
      {route.ca_file, route.upstream.host, route.client_cert_file, route.client_key_file}));
}

}  // namespace

Stage::Stage(const Adjust& adjust) {
  tokens.issue("one");
  start(tokens, clock, adjust);
}

Stage::Stage(token::Source& source, const base::Clock& its_clock, const Adjust& adjust) {
  start(source, its_clock, adjust);
}

void Stage::start(token::Source& source, const base::Clock& its_clock, const Adjust& adjust) {
  Settings wanted = settings(adjust);
  credentials_ = {{"default", borrowed(source)}};
  auto listeners = net::Listener::open({"127.0.0.1", 0});
  port_ = listeners->front().address().port();
  // The service's own dialer; the loops are noted on the way.
  const auto dial = [this](const relay::RouteOptions& route, net::Loop& loop) {
    if (std::ranges::find(loops_, &loop) == loops_.end()) loops_.push_back(&loop);
    return base::Result<std::unique_ptr<net::Dialer>>(std::make_unique<net::TcpDialer>(
        loop, resolver_, route.upstream.host, route.upstream.port, tls_of(route)));
  };
  service_ = std::move(*relay::Service::make(wanted.service, std::move(wanted.routes), credentials_,
                                             {its_clock, seen, std::move(*listeners)}, dial));
  service_->start();
}

Stage::Settings Stage::settings(const Adjust& adjust) const {
  Settings settings;
  if (adjust) adjust(settings);
  for (relay::RouteOptions& route : settings.routes) {
    route.upstream.host = "127.0.0.1";
    if (route.upstream.port == 0) route.upstream.port = upstream.port();
  }
  return settings;
}

void Stage::reload(const Adjust& adjust) {
  Settings wanted = settings(adjust);
  const auto reloaded = service_->reload(wanted.service, std::move(wanted.routes), credentials_);
  REQUIRE(reloaded.has_value());
  settle();
}

// A posted function runs after the loop has heard of all that had happened, and before it resumes
// the coroutines that this woke; so the second time finds them asleep again. What one of them has
// woken, or done to another socket of ours, is heard of in the turn after.
void Stage::settle() {
  constexpr int kTurns = 4;
  for (int i = 0; i < kTurns; ++i) {
    for (net::Loop* loop : loops_) {
      std::promise<void> turned;
      loop->post([&turned] { turned.set_value(); });
      turned.get_future().wait();
    }
  }
}

// A loop that is not given the processor takes nothing for a while, without being full. After
// settle() it has taken what it can; that need not be enough for the socket to take more of us.
std::size_t Stage::stuff(RawSocket& socket, std::size_t bytes_max) {
  constexpr int kRefusals = 3;
  std::size_t sent = 0;
  for (int refusals = 0; refusals < kRefusals && sent < bytes_max;) {
    const std::size_t more = socket.fill(bytes_max - sent);
    sent += more;
    const std::size_t pending = socket.pending();
    settle();
    const bool moved = more > 0 || socket.pending() != pending;
    refusals = moved ? 0 : refusals + 1;
  }
  return sent;
}

void Stage::at_once(const std::function<void()>& events) {
  std::promise<void> over;
  std::promise<void> held;
  loops_.front()->post([&, ended = over.get_future().share()] {
    held.set_value();
    ended.wait();
  });
  held.get_future().wait();
  try {
    events();
  } catch (...) {
    over.set_value();
    throw;
  }
  over.set_value();
  settle();
}

}  // namespace bearer::test
