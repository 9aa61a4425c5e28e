#include "tests/support/relay_world.h"

#include <chrono>
#include <utility>

#include "base/random.h"
#include "http/url.h"
#include "relay/snapshot.h"

namespace bearer::test {
namespace {

// A wake of one coroutine by another is met in the turn after.
constexpr int kTurns = 4;

class ScriptedDialer final : public net::Dialer {
 public:
  using Dialing = RelayWorld::Upstream::Dialing;
  explicit ScriptedDialer(RelayWorld::Upstream& upstream) : upstream_(upstream) {}

  net::Task<base::Result<net::Dialed>> dial(const net::Wait& wait, net::Alpn) override {
    const Dialing dialing = std::exchange(upstream_.next, Dialing::connects);
    if (dialing == Dialing::is_refused) {
      co_return base::Error{base::Errc::connect_refused, "by the script"};
    }
    net::Wake woke = net::Wake::ready;
    while (dialing == Dialing::hangs && woke == net::Wake::ready) woke = co_await wait.next();
    if (woke == net::Wake::timed_out) co_return base::Error{base::Errc::connect_timeout, ""};
    if (woke == net::Wake::peer_closed) co_return base::Error{base::Errc::client_left, ""};
    co_return connection(wait.sleeper);
  }
  bool leads_to(const net::SocketAddress&) override { return true; }

 private:
  net::Dialed connection(net::Sleeper& sleeper) {
    const auto wire = std::make_shared<Wire>();
    if (upstream_.faults) wire->faults.emplace(*upstream_.faults);
    upstream_.faults.reset();
    for (const std::string& piece : std::exchange(upstream_.greeting, {})) wire->give(piece);
    upstream_.wires.push_back(wire);
    net::Dialed dialed;
    dialed.stream = proxy_end(wire);
    dialed.stream->set_waiter(&sleeper);
    return dialed;
  }

  RelayWorld::Upstream& upstream_;
};

}  // namespace

RelayWorld::RelayWorld(relay::Observer& observer, const std::string& token) {
  tokens.issue(token);
  sessions_.emplace(relay::Sessions::Parts{.clock = clock,
                                           .observer = observer,
                                           .registry = registry_,
                                           .random = std::make_unique<base::JitterRandom>(1),
                                           .clients_max = 100,
                                           .drained = [] {}});
  use({});
}

RelayWorld::~RelayWorld() = default;

void RelayWorld::use(relay::RouteOptions route, const relay::ServiceOptions& service) {
  const std::string scheme = route.upstream.tls ? "https://" : "http://";
  route.upstream = http::parse_url(scheme + std::string(kUpstream)).value();
  std::vector<relay::RouteOptions> routes;
  routes.push_back(std::move(route));
  auto snapshot = std::make_shared<const relay::Snapshot>(
      service, std::move(routes), relay::TokenSources{{"default", borrowed(tokens)}});
  std::vector<std::unique_ptr<net::Dialer>> dialers;
  dialers.push_back(std::make_unique<ScriptedDialer>(at_upstream));
  sessions_->apply(std::make_shared<relay::LoopRoutes>(std::move(snapshot), std::move(dialers),
                                                       registry_, sessions_->loop()));
}

Wire& RelayWorld::connect(std::optional<FaultPlan> faults) {
  clients.push_back(std::make_shared<Wire>());
  Wire& client = *clients.back();
  if (faults) client.faults.emplace(*faults);
  sessions_->add_client(proxy_end(clients.back()), {}, -1);
  return client;
}

void RelayWorld::settle() {
  for (int i = 0; i < kTurns; ++i) turn();
}

void RelayWorld::turn() {
  sessions_->loop().stop();
  sessions_->loop().run();
}

bool RelayWorld::outlast_clients() {
  constexpr std::chrono::seconds kStep{20};
  constexpr int kStepsMax = 5000;
  for (int step = 0; step < kStepsMax && sessions_->clients() > 0; ++step) {
    clock.advance(kStep);
    turn();
  }
  turn();  // reaps the last
  return sessions_->clients() == 0;
}

}  // namespace bearer::test
