#include "tests/fuzz/world.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/text.h"
#include "http/url.h"
#include "relay/snapshot.h"

namespace bearer::fuzz {
namespace {

// A wake of one coroutine by another is met in the turn after.
constexpr int kTurns = 4;
constexpr std::chrono::hours kAdvanceMax{1};

class ScriptedDialer final : public net::Dialer {
 public:
  explicit ScriptedDialer(Upstream& upstream) : upstream_(upstream) {}

  net::Task<base::Result<net::Dialed>> dial(const net::Wait& wait) override {
    const auto dialing = std::exchange(upstream_.next, Upstream::Dialing::connects);
    if (dialing == Upstream::Dialing::is_refused) {
      co_return base::Error{base::Errc::connect_refused, "by the script"};
    }
    net::Wake woke = net::Wake::ready;
    while (dialing == Upstream::Dialing::hangs && woke == net::Wake::ready) {
      woke = co_await wait.next();
    }
    if (woke == net::Wake::timed_out) co_return base::Error{base::Errc::connect_timeout, ""};
    if (woke == net::Wake::peer_closed) co_return base::Error{base::Errc::client_left, ""};
    const auto wire = std::make_shared<Wire>();
    upstream_.wires.push_back(wire);
    World::plan_fault(*wire, std::exchange(upstream_.fault, 0));
    wire->give(std::exchange(upstream_.greeting, {}));
    net::Dialed dialed;
    dialed.stream = proxy_end(wire);
    dialed.stream->set_waiter(&wait.sleeper);
    co_return dialed;
  }
  bool leads_to(const net::SocketAddress&) override { return true; }

 private:
  Upstream& upstream_;
};

relay::RouteOptions route_options(std::string_view words) {
  const auto has = [&](std::string_view word) { return words.find(word) != words.npos; };
  relay::RouteOptions route;
  route.upstream = http::parse_url("http://" + std::string(World::kUpstream)).value();
  route.rewrite_body_links = has("links");
  if (has("one-at-a-time")) route.in_flight_max = 1;
  if (has("keep-nothing")) route.replay_bytes_max = route.replay_memory_bytes_max = 0;
  if (has("keep-little")) route.replay_memory_bytes_max = route.replay_bytes_max = 16;
  if (has("retry-all")) route.retry.unsafe = relay::RetryUnsafe::always;
  if (has("rate")) route.pacing.ceiling = {1, std::chrono::seconds(10)};
  return route;
}

}  // namespace

struct World::Deaf final : relay::Observer {
  void attempt_ended(const relay::AttemptEnd&) override {}
  void replied(const relay::Request&, const relay::LocalReply&) override {}
  void exchange_ended(const relay::ExchangeEnd&) override {}
  void body_not_kept(const relay::Request&, const base::Error&) override {}
  void peer_refused(unsigned) override {}
  void accepting_failed(int, base::Instant) override {}
  void accepting_recovered(base::Instant) override {}
};

World::World() : observer_(std::make_unique<Deaf>()) {
  tokens_.issue(std::string(kTokens[0]));
  tokens_.issue_when_rejected({std::string(kTokens[1]), std::string(kTokens[2])});
  relay::Sessions::Parts parts{.clock = clock_,
                               .observer = *observer_,
                               .registry = registry_,
                               .random = std::make_unique<base::JitterRandom>(1),
                               .clients_max = 100,
                               .drained = [] {}};
  sessions_.emplace(std::move(parts));
  use_options("");
}

World::~World() = default;

void World::use_options(std::string_view words) {
  const relay::TokenSources credentials{{"default", test::borrowed(tokens_)}};
  std::vector<relay::RouteOptions> routes;
  routes.push_back(route_options(words));
  std::vector<std::unique_ptr<net::Dialer>> dialers;
  dialers.push_back(std::make_unique<ScriptedDialer>(upstream_));
  auto plan = std::make_shared<const relay::Snapshot>(relay::ServiceOptions{}, std::move(routes),
                                                      credentials, nullptr);
  sessions_->apply(std::make_shared<relay::LoopRoutes>(std::move(plan), std::move(dialers),
                                                       registry_, sessions_->loop()));
}

void World::plan_fault(Wire& wire, std::uint64_t number) {
  // Not Fault::ended: an end that nobody meant is told from one that was by nobody.
  constexpr test::Fault kFaults[] = {test::Fault::failed, test::Fault::one_byte,
                                     test::Fault::one_byte_failed};
  constexpr std::uint64_t kOperations = 30;
  if (number == 0) return;
  const std::uint64_t operation = 1 + number / std::size(kFaults) % kOperations;
  wire.faults.emplace(kFaults[number % std::size(kFaults)], static_cast<int>(operation));
}

Wire& World::next_client() {
  clients_.push_back(std::make_shared<Wire>());
  plan_fault(*clients_.back(), std::exchange(client_fault_, 0));
  sessions_->add_client(proxy_end(clients_.back()));
  return *clients_.back();
}

/// The last that came, or another where that is gone.
Wire& World::client() {
  const bool gone =
      clients_.empty() || clients_.back()->closed || clients_.back()->stream.peer_closed();
  return gone ? next_client() : *clients_.back();
}

bool World::play_client(const Event& event) {
  if (event.name == "client") {
    client().give(event.bytes);
  } else if (event.name == "next-client") {
    next_client().give(event.bytes);
  } else if (event.name == "client-fault") {
    client_fault_ = event.number;
  } else if (event.name == "client-takes") {
    client().stream.take_only(event.number);
  } else if (event.name == "client-reads") {
    client().stream.take_only(test::ScriptedStream::kUnlimited);
  } else if (event.name == "client-ends") {
    client().end();
  } else if (event.name == "client-breaks") {
    client().break_off();
  } else {
    return false;
  }
  return true;
}

bool World::play_upstream(const Event& event) {
  if (event.name == "refuse") {
    upstream_.next = Upstream::Dialing::is_refused;
  } else if (event.name == "hang") {
    upstream_.next = Upstream::Dialing::hangs;
  } else if (event.name == "fault") {
    upstream_.fault = event.number;
  } else if (event.name == "greet") {
    upstream_.greeting = event.bytes;
  } else if (!event.name.starts_with("upstream") || upstream_.wires.empty()) {
    return false;
  } else if (Wire& wire = *upstream_.wires.back(); event.name == "upstream") {
    wire.give(event.bytes);
  } else if (event.name == "upstream-takes") {
    wire.stream.take_only(event.number);
  } else if (event.name == "upstream-reads") {
    wire.stream.take_only(test::ScriptedStream::kUnlimited);
  } else if (event.name == "upstream-ends") {
    wire.end();
  } else if (event.name == "upstream-breaks") {
    wire.break_off();
  }
  return true;
}

bool World::play_token(const Event& event) {
  if (event.name == "token") {
    tokens_.issue(std::string(kTokens[event.number % std::size(kTokens)]));
  } else if (event.name == "no-token") {
    tokens_.hang();
  } else if (event.name == "credential-rejected") {
    tokens_.fail(token::State::Health::rejected, "by the script");
  } else if (event.name == "credential-unavailable") {
    tokens_.fail(token::State::Health::unavailable, "by the script");
  } else if (event.name == "hold-off") {
    tokens_.hold_off(true);
  } else {
    return false;
  }
  return true;
}

void World::play(const Event& event) {
  if (event.name == "options") use_options(event.bytes);
  if (event.name == "drain") sessions_->drain();
  if (event.name == "advance") {
    const auto limit = static_cast<std::uint64_t>(std::chrono::milliseconds(kAdvanceMax).count());
    clock_.advance(std::chrono::milliseconds(std::min(event.number, limit)));
  }
  (void)(play_client(event) || play_upstream(event) || play_token(event));
  for (int i = 0; i < kTurns; ++i) turn();
}

void World::turn() {
  sessions_->loop().stop();
  sessions_->loop().run();
}

bool World::outlast_clients() {
  constexpr std::chrono::seconds kStep{20};
  constexpr int kStepsMax = 5000;
  for (int step = 0; step < kStepsMax && sessions_->clients() > 0; ++step) {
    clock_.advance(kStep);
    turn();
  }
  turn();  // buries the last
  return sessions_->clients() == 0;
}

}  // namespace bearer::fuzz
