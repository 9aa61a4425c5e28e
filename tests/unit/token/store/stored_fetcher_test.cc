#include "token/store/stored_fetcher.h"

#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "tests/support/finished.h"
#include "tests/support/owned_clock.h"
#include "tests/support/scripted_fetcher.h"
#include "tests/support/shared_store.h"

using namespace bearer;
using namespace std::chrono_literals;
using token::StoreItem;

namespace {

class Evenly final : public base::Random {
 public:
  double unit() override { return 0.5; }
};

/// One process of the fleet: a fetcher of its own at the shared store.
struct Process {
  Process(test::SharedStore& store, net::Loop& its_loop, test::OwnedClock& its_clock,
          std::shared_ptr<token::FetchTurn> turn = {})
      : loop(its_loop), clock(its_clock) {
    script.answer({"own-token", 60s});
    fetcher = std::make_unique<token::StoredFetcher>(
        loop, token::StoredFetcher::Parts{
                  .inner = std::make_unique<test::ScriptedFetcher>(script, loop),
                  .store = store.process(),
                  .random = std::make_unique<Evenly>(),
                  .on_fault = [this](const base::Error& e) { faults.push_back(e.detail); },
                  .turn = std::move(turn)});
  }
  /// Runs a fetch to its end. The clock goes on while it waits.
  base::Result<token::Fetched> try_fetch() {
    std::optional<base::Result<token::Fetched>> fetched;
    net::Task<void> task = test::keep(fetcher->fetch(), fetched);
    task.start();
    while (!task.done()) {
      test::turn(loop);
      clock.advance(5ms);
    }
    return std::move(*fetched);
  }
  token::Fetched fetch() {
    base::Result<token::Fetched> fetched = try_fetch();
    REQUIRE(fetched.has_value());
    return std::move(*fetched);
  }

  net::Loop& loop;
  test::OwnedClock& clock;
  test::FetchScript script;
  std::vector<std::string> faults;
  std::unique_ptr<token::StoredFetcher> fetcher;
};

struct Fleet {
  test::OwnedClock clock;
  net::Loop loop{clock};
  test::SharedStore store{clock};
  Process first{store, loop, clock};
  Process second{store, loop, clock};
};

/// A fetch that goes on while other things happen.
struct UnderWay {
  explicit UnderWay(Process& process) : task(test::keep(process.fetcher->fetch(), fetched)) {
    task.start();
  }
  std::optional<base::Result<token::Fetched>> fetched;
  net::Task<void> task;
};

}  // namespace

TEST_CASE("what one process fetched the others take, with the life that it has left") {
  Fleet fleet;
  const token::Fetched fetched = fleet.first.fetch();
  CHECK_FALSE(fetched.shared);
  fleet.clock.advance(20s);
  const token::Fetched taken = fleet.second.fetch();
  CHECK(taken.shared);
  CHECK(taken.value == fetched.value);
  CHECK(taken.expires == fetched.expires);
  CHECK(taken.lifetime() == 60s);  // so that all renew it at the same distance from its end
  CHECK(taken.scope == "all");
  CHECK(fleet.second.script.fetches() == 0);
  CHECK_FALSE(fleet.store.held());
}

TEST_CASE("who takes a token from the store learns its attributes, too") {
  Fleet fleet;
  Process knows(fleet.store, fleet.loop, fleet.clock);
  knows.script.answer({"token", 60s, {{"instance_url", "https://na1.salesforce.com"}}});
  knows.fetch();  // its first answer is another
  CHECK(knows.fetch().attributes.at("instance_url") == "https://na1.salesforce.com");
  CHECK(fleet.second.fetch().attributes.at("instance_url") == "https://na1.salesforce.com");
  CHECK(fleet.second.script.fetches() == 0);
}

TEST_CASE("a token that the upstream refused is not taken again, but fetched anew by one") {
  Fleet fleet;
  fleet.first.fetch();
  fleet.second.fetch();
  fleet.first.fetch();  // as a 401 asks for
  CHECK(fleet.first.script.fetches() == 2);
  CHECK(fleet.second.fetch().shared);  // its own 401, a little later
  CHECK(fleet.second.script.fetches() == 0);
  CHECK_FALSE(fleet.second.fetch().shared);  // who took it does not take it twice
  CHECK(fleet.first.fetch().shared);
}

TEST_CASE("the same value given twice by the server is another publication") {
  Fleet fleet;
  fleet.first.fetch();
  const token::Fetched before = fleet.second.fetch();
  fleet.clock.advance(30s);
  fleet.first.fetch();
  const token::Fetched after = fleet.second.fetch();
  CHECK(after.value == before.value);
  CHECK(after.shared);
  CHECK(after.expires > before.expires);
}

TEST_CASE("a token that has ended is nobody's") {
  Fleet fleet;
  fleet.first.fetch();
  fleet.clock.advance(60s);
  CHECK_FALSE(fleet.second.fetch().shared);
}

TEST_CASE("while one holds the others wait, and take what it publishes") {
  Fleet fleet;
  fleet.first.script.hold();
  const UnderWay holding(fleet.first);
  int looks = 0;
  fleet.store.on_try_hold = [&] {
    CHECK(fleet.second.fetcher->waits_for_another() == (looks > 0));
    if (++looks == 3) fleet.first.script.release();
  };
  const token::Fetched taken = fleet.second.fetch();
  CHECK(looks == 3);
  REQUIRE(holding.task.done());
  CHECK_FALSE(holding.fetched->value().shared);
  CHECK(taken.shared);
  CHECK(fleet.second.script.fetches() == 0);
  fleet.store.on_try_hold = nullptr;
  fleet.second.fetch();  // for itself
  CHECK_FALSE(fleet.second.fetcher->waits_for_another());
}

TEST_CASE("what was published between the look and the hold is taken, and the hold let go of") {
  Fleet fleet;
  fleet.store.on_try_hold = [&] {
    fleet.store.on_try_hold = nullptr;
    fleet.second.fetch();
  };
  CHECK(fleet.first.fetch().shared);
  CHECK(fleet.first.script.fetches() == 0);
  CHECK_FALSE(fleet.store.held());
}

TEST_CASE("a holder whose fetch fails lets the next one try") {
  Fleet fleet;
  Process failing(fleet.store, fleet.loop, fleet.clock);
  failing.script.fail({base::Errc::token_server_error, "500"});
  test::FetchScript& script = failing.script;
  failing.fetch();  // its first answer is a token
  CHECK_FALSE(failing.try_fetch().has_value());
  CHECK(script.fetches() == 2);
  CHECK_FALSE(fleet.store.held());
  CHECK(fleet.first.fetch().shared);
  CHECK_FALSE(fleet.first.fetch().shared);
}

TEST_CASE("a holder that is ended in the midst of its fetch lets the next one try") {
  Fleet fleet;
  fleet.first.script.hold();
  {
    const UnderWay ending(fleet.first);
    CHECK(fleet.store.held());
  }
  CHECK(fleet.first.script.cancelled());
  net::Task<void> closing = fleet.first.fetcher->close();
  closing.start();
  CHECK(closing.done());
  CHECK_FALSE(fleet.store.held());
  CHECK_FALSE(fleet.second.fetch().shared);
  CHECK(fleet.second.faults.empty());
}

TEST_CASE("who is ended while another holds leaves that one's hold alone") {
  Fleet fleet;
  fleet.store.hold_for_ever();
  {
    const UnderWay waiting(fleet.first);
    CHECK(fleet.first.fetcher->waits_for_another());
  }
  net::Task<void> closing = fleet.first.fetcher->close();
  closing.start();
  CHECK(fleet.store.held());
  CHECK(fleet.first.script.fetches() == 0);
  CHECK(fleet.first.faults.empty());
}

TEST_CASE("a holder that died is replaced once the store lets go of it") {
  Fleet fleet;
  fleet.store.hold_for_ever();
  const base::Instant began = fleet.clock.now();
  fleet.store.on_try_hold = [&] {
    if (fleet.clock.now() - began >= token::kHoldMax) fleet.store.lose_hold();
  };
  CHECK_FALSE(fleet.first.fetch().shared);
  CHECK(fleet.clock.now() - began < token::kHoldMax + 1s);
  CHECK(fleet.first.faults.empty());
}

TEST_CASE("a holder that does nothing for too long is passed over, with a line in the log") {
  Fleet fleet;
  fleet.store.hold_for_ever();
  const base::Instant began = fleet.clock.now();
  CHECK_FALSE(fleet.first.fetch().shared);
  CHECK(fleet.clock.now() - began >= token::StoredFetcher::kPatience);
  CHECK(fleet.clock.now() - began < token::StoredFetcher::kPatience + 1s);
  CHECK(fleet.first.faults.size() == 1);
  CHECK_FALSE(fleet.first.fetcher->waits_for_another());
}

TEST_CASE("a store that fails costs a token request and a line in the log, nothing else") {
  Fleet fleet;
  fleet.store.fail(true);
  CHECK_FALSE(fleet.first.fetch().shared);
  CHECK(fleet.first.faults == std::vector<std::string>{"the store of the test is down"});
  fleet.store.fail(false);
  CHECK_FALSE(fleet.second.fetch().shared);
  CHECK(fleet.first.fetch().shared);
  CHECK(fleet.first.script.fetches() == 1);
}

TEST_CASE("a store that fails while it is held still gives the token to who fetched it") {
  Fleet fleet;
  fleet.first.script.hold();
  const UnderWay failing(fleet.first);
  fleet.store.fail(true);
  fleet.first.script.release();
  test::turn(fleet.loop);
  REQUIRE(failing.task.done());
  CHECK_FALSE(failing.fetched->value().shared);
  CHECK(fleet.first.faults.size() == 1);
}

TEST_CASE("what is no token in the store counts as absent") {
  for (const char* text :
       {"", "{", "[]", R"({"version":2,"publication":"p","access_token":"t","lifetime_ms":1000})",
        R"({"version":1,"publication":"p","access_token":"has a space","lifetime_ms":1000})",
        R"({"version":1,"publication":"p","lifetime_ms":1000})",
        R"({"version":1,"access_token":"t","lifetime_ms":1000})",
        R"({"version":1,"publication":"p","access_token":null,"lifetime_ms":1000})",
        R"({"version":1,"publication":"p","access_token":-1,"lifetime_ms":1000})",
        R"({"version":1,"publication":"p","access_token":"t","lifetime_ms":-1})"}) {
    CAPTURE(text);
    Fleet fleet;
    fleet.store.put(StoreItem::token, text, 60s);
    CHECK_FALSE(fleet.first.fetch().shared);
    CHECK(fleet.second.fetch().shared);
  }
}

TEST_CASE("a life that was made longer than it ever was is cut") {
  Fleet fleet;
  fleet.first.fetch();
  fleet.store.put(StoreItem::token, fleet.store.text(StoreItem::token), 1000h);
  const token::Fetched taken = fleet.second.fetch();
  CHECK(taken.expires - fleet.clock.now() == 60s);
}

TEST_CASE(
    "who waits for another process takes no turn, and who waits for its turn holds no store") {
  Fleet fleet;
  token::FetchQueue queue;
  const auto turn = [&] {
    return std::make_shared<token::FetchTurn>(queue, fleet.loop,
                                              token::FetchPlace{"login", 1, "one at a time"});
  };
  const auto first_turn = turn(), other_turn = turn();
  Process process(fleet.store, fleet.loop, fleet.clock, first_turn);
  fleet.store.hold_for_ever();
  UnderWay waits(process);
  CHECK(process.fetcher->waits_for_another());
  test::finished(other_turn->take());  // it is free
  fleet.store.lose_hold();
  fleet.clock.advance(20ms);
  test::turn(fleet.loop);
  test::turn(fleet.loop);
  CHECK(first_turn->waits() == "one at a time");
  CHECK_FALSE(fleet.store.held());
  fleet.store.hold_for_ever();
  fleet.clock.advance(token::StoredFetcher::kPatience + 1s);
  other_turn->leave();
  test::turn(fleet.loop);
  CHECK_FALSE(waits.task.done());  // its patience is not spent, because it queued
  CHECK(process.faults.empty());
  fleet.store.lose_hold();
  while (!waits.task.done()) {
    fleet.clock.advance(5ms);
    test::turn(fleet.loop);
  }
  REQUIRE(waits.fetched->has_value());
  CHECK(process.script.fetches() == 1);
  test::finished(other_turn->take());  // and the turn was left at the end
}

TEST_CASE("a holder may take as long as a fetch does before it is passed over") {
  Fleet fleet;
  test::FetchScript script;
  script.answer({"own", 60s});
  std::vector<std::string> faults;
  token::StoredFetcher patient(
      fleet.loop, {.inner = std::make_unique<test::ScriptedFetcher>(script, fleet.loop),
                   .store = fleet.store.process(),
                   .random = std::make_unique<Evenly>(),
                   .on_fault = [&](const base::Error& e) { faults.push_back(e.detail); },
                   .fetch_max = 300s});
  fleet.store.hold_for_ever();
  std::optional<base::Result<token::Fetched>> fetched;
  const base::Instant began = fleet.clock.now();
  net::Task<void> task = test::keep(patient.fetch(), fetched);
  task.start();
  while (!task.done()) {
    fleet.clock.advance(100ms);
    test::turn(fleet.loop);
  }
  CHECK(fleet.clock.now() - began >= 300s + token::StoredFetcher::kPatience);
  CHECK(faults.size() == 1);
}
