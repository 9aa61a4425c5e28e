#include "relay/upstream/streams.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

#include "base/advice.h"
#include "wire/h2/client_connection.h"
#include "wire/h2/client_stream.h"

namespace bearer::relay {
namespace {

using base::Errc;
using base::Error;
using wire::h2::ClientConnection;

constexpr base::Duration kIdleMax = std::chrono::seconds(30);
constexpr std::size_t kConnectionsMax = 64;
constexpr std::size_t kAvoidedMax = 64;
// A server that chose HTTP/1.1 is asked again after this time: it may have been replaced.
constexpr base::Duration kPlainFor = std::chrono::minutes(5);

/// True if the server refused ALPN by an alert (RFC 7301 section 3.2).
bool refuses_protocol(const Error& error) {
  return error.code == Errc::tls_handshake_failed &&
         error.detail.find("no application protocol") != std::string::npos;
}

Error not_offered() {
  return {Errc::response_malformed, "it does not speak HTTP/2 (ALPN)",
          base::advice_on(base::Trouble::no_http_2_there)};
}

}  // namespace

UpstreamStreams::UpstreamStreams(net::Loop& loop, net::Dialer& dialer, UpstreamPool& pool,
                                 const RouteOptions& options)
    : loop_(loop),
      dialer_(dialer),
      pool_(pool),
      options_(options),
      sleeper_(loop),
      dial_sleeper_(loop),
      reaper_(reap()) {
  reaper_.start();
}

UpstreamStreams::~UpstreamStreams() {
  for (const Shared& shared : connections_) shared.connection->set_waiter(nullptr);
}

net::Task<base::Result<std::optional<UpstreamConnection>>> UpstreamStreams::take(net::Wait wait,
                                                                                 Asked asked) {
  for (;;) {
    if (std::optional<UpstreamConnection> opened = open(asked)) co_return std::move(opened);
    const bool plain = loop_.now() < plain_until_ || avoids(asked.path);
    if (plain || (asked.websocket && takes_no_websockets()))
      co_return std::optional<UpstreamConnection>();
    const std::shared_ptr<const Dialing> dialing = dial_another();
    if (!dialing || !dialing->over) {
      const net::WaitList::Place place(waiting_, wait.sleeper);
      const net::Wake woke = co_await wait.next();
      if (woke == net::Wake::peer_closed) co_return Error{Errc::client_left, ""};
      if (woke == net::Wake::timed_out)
        co_return Error{Errc::connect_timeout,
                        dialing ? "" : "no stream of its connections became free"};
    }
    if (dialing && dialing->fault) co_return *dialing->fault;
  }
}

std::optional<UpstreamConnection> UpstreamStreams::open(Asked asked) {
  if (avoids(asked.path)) return std::nullopt;
  for (const Shared& shared : connections_) {
    if (shared.connection->places() == 0) continue;
    if (asked.websocket && !shared.connection->takes_websockets()) continue;
    const bool used = shared.connection->used();
    if (used && !dialer_.leads_to(shared.address)) {
      shared.connection->retire();
      sleeper_.wake();
      continue;
    }
    return UpstreamConnection{.stream = std::make_unique<wire::h2::ClientStream>(shared.connection),
                              .address = shared.address,
                              .reused = used,
                              .taken = loop_.now(),
                              .shared = shared.connection.get()};
  }
  return std::nullopt;
}

void UpstreamStreams::avoid(std::string_view path) {
  if (options_.upstream_http == UpstreamHttp::http_2) return;
  std::erase_if(avoided_, [path](const Avoided& one) { return one.path == path; });
  if (avoided_.size() >= kAvoidedMax) avoided_.erase(avoided_.begin());
  avoided_.push_back({std::string(path), base::after(loop_.now(), kPlainFor)});
}

bool UpstreamStreams::avoids(std::string_view path) const {
  return std::ranges::any_of(avoided_, [this, path](const Avoided& one) {
    return loop_.now() < one.until && one.path == path;
  });
}

bool UpstreamStreams::takes_no_websockets() const {
  return !connections_.empty() && std::ranges::none_of(connections_, [](const Shared& shared) {
    return shared.connection->takes_websockets();
  });
}

// If so, another connection would not help either, until the server allows streams.
bool UpstreamStreams::allows_nothing() const {
  if (connections_.empty()) return false;
  const ClientConnection& newest = *connections_.back().connection;
  return !newest.over() && newest.streams() == 0 && newest.places() == 0;
}

/// Dials once at a time, for all that wait. Null if no other connection is to be dialed.
std::shared_ptr<const UpstreamStreams::Dialing> UpstreamStreams::dial_another() {
  if (!dial_.done()) return dialing_;
  if (connections_.size() >= kConnectionsMax || allows_nothing()) return nullptr;
  const auto dialing = std::make_shared<Dialing>();
  dialing_ = dialing;
  dial_ = dial(dialing);
  dial_.start();
  return dialing;
}

net::Task<void> UpstreamStreams::dial(std::shared_ptr<Dialing> dialing) {
  const net::Wait wait{dial_sleeper_, base::after(loop_.now(), options_.connect_timeout)};
  const base::Result<void> connected = co_await connect(wait);
  if (!connected) dialing->fault = connected.error();
  dialing->over = true;
  waiting_.wake_all();
}

net::Task<base::Result<void>> UpstreamStreams::connect(net::Wait wait) {
  const bool must = options_.upstream_http == UpstreamHttp::http_2;
  const bool tls = options_.upstream.tls;
  base::Result<net::Dialed> dialed =
      co_await dialer_.dial(wait, must ? net::Alpn::h2 : net::Alpn::either);
  if (!dialed && must && refuses_protocol(dialed.error())) co_return not_offered();
  if (!dialed) co_return dialed.error();
  if (tls && !must && !dialed->stream->speaks_h2()) {
    plain_until_ = base::after(loop_.now(), kPlainFor);
    pool_.park({std::move(dialed->stream), dialed->address});
    co_return {};
  }
  auto settled = co_await ClientConnection::settled(loop_, std::move(dialed->stream), tls, wait);
  if (!settled) co_return settled.error();
  (*settled)->set_waiter(&sleeper_);
  connections_.push_back({std::move(*settled), dialed->address});
  sleeper_.wake();
  co_return {};
}

net::Task<void> UpstreamStreams::reap() {
  for (;;) {
    const base::Instant now = loop_.now();
    const auto ends = [now](const Shared& shared) {
      return base::after(std::min(shared.connection->idle_since(), now), kIdleMax);
    };
    std::erase_if(connections_, [&](const Shared& shared) {
      return shared.connection->over() || ends(shared) <= now;
    });
    base::Instant next = base::kNever;
    for (const Shared& shared : connections_) next = std::min(next, ends(shared));
    waiting_.wake_all();
    co_await sleeper_.sleep(next);
  }
}

}  // namespace bearer::relay
