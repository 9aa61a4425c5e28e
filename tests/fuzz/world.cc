#include "tests/fuzz/world.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "tests/fuzz/pieces.h"

namespace bearer::fuzz {
namespace {

constexpr std::chrono::hours kAdvanceMax{1};

/// A fault of one of a connection's first operations: the number says which and where; 0: none.
std::optional<test::FaultPlan> planned_fault(std::uint64_t number) {
  // Not Fault::ended: an end that nobody meant is told from one that was by nobody.
  constexpr test::Fault kFaults[] = {test::Fault::failed, test::Fault::one_byte,
                                     test::Fault::one_byte_failed};
  constexpr std::uint64_t kOperations = 30;
  if (number == 0) return std::nullopt;
  const std::uint64_t operation = 1 + number / std::size(kFaults) % kOperations;
  return test::FaultPlan(kFaults[number % std::size(kFaults)], static_cast<int>(operation));
}

std::vector<std::string> pieces_of(std::string_view bytes) {
  std::vector<std::string> all;
  for (Pieces pieces(bytes); !pieces.empty();) all.emplace_back(pieces.next());
  return all;
}

void give(Wire& wire, std::string_view bytes) {
  for (const std::string& piece : pieces_of(bytes)) wire.give(piece);
}

relay::RouteOptions route_options(std::string_view words) {
  const auto has = [&](std::string_view word) { return words.find(word) != words.npos; };
  relay::RouteOptions route;
  route.rewrite_body_links = has("links") ? relay::BodyLinks::all : relay::BodyLinks::off;
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
  void replied(const relay::Request&, const relay::LocalReply&, base::Instant) override {}
  void exchange_ended(const relay::ExchangeEnd&) override {}
  void body_not_kept(const relay::Request&, const base::Error&) override {}
  void held(const relay::Request&, const relay::WaitUnderWay&, base::Instant) override {}
  void response_cut(const relay::Request&, const base::Error&) override {}
  void upload_cut(const relay::Request&, const base::Error&) override {}
  void not_replayed(const relay::Request&, const base::Error&) override {}
  void links_lead_away(const relay::Request&) override {}
  void peer_refused(const net::Peer&, base::Instant) override {}
  void http2_failed(std::string_view, base::Instant) override {}
  void no_place(std::size_t, base::Instant) override {}
  void accepting_failed(int, base::Instant) override {}
  void accepting_recovered(base::Instant) override {}
};

World::World() : observer_(std::make_unique<Deaf>()), world_(*observer_, std::string(kTokens[0])) {
  world_.tokens.issue_when_rejected({std::string(kTokens[1]), std::string(kTokens[2])});
}

World::~World() = default;

Wire& World::next_client() {
  return world_.connect(std::exchange(client_fault_, std::nullopt));
}

/// The last that came, or another where that is gone.
Wire& World::client() {
  const bool gone =
      clients().empty() || clients().back()->closed || clients().back()->stream.peer_closed();
  return gone ? next_client() : *clients().back();
}

bool World::play_client(const Event& event) {
  if (event.name == "client") {
    give(client(), event.bytes);
  } else if (event.name == "next-client") {
    give(next_client(), event.bytes);
  } else if (event.name == "client-fault") {
    client_fault_ = planned_fault(event.number);
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
  using Dialing = test::RelayWorld::Upstream::Dialing;
  test::RelayWorld::Upstream& upstream = world_.at_upstream;
  if (event.name == "refuse") {
    upstream.next = Dialing::is_refused;
  } else if (event.name == "hang") {
    upstream.next = Dialing::hangs;
  } else if (event.name == "fault") {
    upstream.faults = planned_fault(event.number);
  } else if (event.name == "greet") {
    upstream.greeting = pieces_of(event.bytes);
  } else if (!event.name.starts_with("upstream") || upstream.wires.empty()) {
    return false;
  } else if (Wire& wire = *upstream.wires.back(); event.name == "upstream") {
    give(wire, event.bytes);
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
    world_.tokens.issue(std::string(kTokens[event.number % std::size(kTokens)]));
  } else if (event.name == "no-token") {
    world_.tokens.hang();
  } else if (event.name == "credential-rejected") {
    world_.tokens.fail(token::State::Health::rejected, "by the script");
  } else if (event.name == "credential-unavailable") {
    world_.tokens.fail(token::State::Health::unavailable, "by the script");
  } else if (event.name == "hold-off") {
    world_.tokens.hold_off(true);
  } else {
    return false;
  }
  return true;
}

void World::play(const Event& event) {
  if (event.name == "options") world_.use(route_options(event.bytes));
  if (event.name == "drain") world_.sessions().drain();
  if (event.name == "advance") {
    const auto limit = static_cast<std::uint64_t>(std::chrono::milliseconds(kAdvanceMax).count());
    world_.clock.advance(std::chrono::milliseconds(std::min(event.number, limit)));
  }
  (void)(play_client(event) || play_upstream(event) || play_token(event));
  world_.settle();
}

}  // namespace bearer::fuzz
