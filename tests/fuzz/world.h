// The data plane with clients and upstreams that a script plays, on time that the script moves. No
// socket and no thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "relay/sessions.h"
#include "tests/fuzz/script.h"
#include "tests/fuzz/wire.h"
#include "tests/support/owned_clock.h"
#include "tests/support/scripted_source.h"

namespace bearer::fuzz {

using Wires = std::vector<std::shared_ptr<Wire>>;

/// How the next connections to the upstream come about.
struct Upstream {
  enum class Dialing { connects, is_refused, hangs };

  Dialing next = Dialing::connects;  ///< of the next one alone
  std::string greeting;              ///< what the next one finds sent
  std::uint64_t fault = 0;           ///< of the next one: see World::plan_fault
  Wires wires;                       ///< all there were, in order
};

class World {
 public:
  static constexpr std::string_view kTokens[] = {"token-of-the-first-hour", "token-of-the-second",
                                                 "token-of-the-third"};
  static constexpr std::string_view kUpstream = "api.example.com";

  World();
  ~World();

  void play(const Event& event);
  /// Plans a fault for one of a connection's first operations: the number says which and where; 0
  /// for none.
  static void plan_fault(Wire& wire, std::uint64_t number);
  /// Lets time pass until every client has gone; false if one never does.
  bool outlast_clients();

  const Wires& clients() const { return clients_; }
  const Wires& upstreams() const { return upstream_.wires; }

 private:
  struct Deaf;

  void use_options(std::string_view words);
  bool play_client(const Event& event);
  bool play_upstream(const Event& event);
  bool play_token(const Event& event);
  Wire& client();
  Wire& next_client();
  void turn();

  test::OwnedClock clock_;
  test::ScriptedSource tokens_{clock_};
  std::unique_ptr<Deaf> observer_;
  Upstream upstream_;
  Wires clients_;
  std::uint64_t client_fault_ = 0;  // of the next one
  relay::CounterRegistry registry_;
  std::optional<relay::Sessions> sessions_;
};

}  // namespace bearer::fuzz
