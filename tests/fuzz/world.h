// A script played on a RelayWorld: what clients, upstreams and the credential do, one event after
// the other.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "relay/telemetry/observer.h"
#include "tests/fuzz/script.h"
#include "tests/support/relay_world.h"

namespace bearer::fuzz {

using test::Wire;
using test::Wires;

class World {
 public:
  static constexpr std::string_view kTokens[] = {"token-of-the-first-hour", "token-of-the-second",
                                                 "token-of-the-third"};
  static constexpr std::string_view kUpstream = test::RelayWorld::kUpstream;

  World();
  ~World();

  void play(const Event& event);
  bool outlast_clients() { return world_.outlast_clients(); }

  const Wires& clients() const { return world_.clients; }
  const Wires& upstreams() const { return world_.at_upstream.wires; }

 private:
  struct Deaf;

  bool play_client(const Event& event);
  bool play_upstream(const Event& event);
  bool play_token(const Event& event);
  Wire& client();
  Wire& next_client();

  std::unique_ptr<Deaf> observer_;
  test::RelayWorld world_;
  std::optional<test::FaultPlan> client_fault_;  // of the next one
};

}  // namespace bearer::fuzz
