#include "relay/token_slot.h"

#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "tests/support/owned_loop.h"
#include "tests/support/scripted_source.h"
#include "tests/support/scripted_stream.h"

using namespace bearer;
using namespace std::chrono_literals;
using base::Errc;
using relay::TokenSlot;
using test::OwnedLoop;
using Health = token::State::Health;
using Next = relay::TokenSlot::Next;

namespace {

using Answer = base::Result<token::TokenPtr>;

struct Fixture {
  OwnedLoop owned;
  test::ScriptedSource source{owned.clock()};
};

/// The token that the slot sends now is the first of a request's that the API rejects.
Next rejected(TokenSlot& slot) {
  const token::TokenPtr token = slot.hold();
  return slot.next_after(*token, token->generation, true);
}
std::string sent(const TokenSlot& slot) {
  return std::string(slot.hold()->value.reveal());
}

/// Somebody who waits for a token newer than `generation`.
class Waiter {
 public:
  Waiter(TokenSlot& slot, OwnedLoop& owned, std::uint64_t generation = 0,
         base::Instant deadline = base::kNever, net::Stream* cancel_on = nullptr)
      : sleeper_(owned.loop()) {
    if (cancel_on) cancel_on->set_waiter(&sleeper_);
    task_ = wait(slot, generation, {sleeper_, deadline, cancel_on});
    task_.start();
  }
  bool waits() const { return !answer_.has_value(); }
  std::string token() const {
    REQUIRE(answer_.has_value());
    REQUIRE(answer_->has_value());
    return std::string((**answer_)->value.reveal());
  }
  base::Error error() const {
    REQUIRE(answer_.has_value());
    REQUIRE(answer_->has_error());
    return answer_->error();
  }

 private:
  net::Task<void> wait(TokenSlot& slot, std::uint64_t generation, net::Wait wait) {
    answer_.emplace(co_await slot.wait_for(generation, wait));
  }

  net::Sleeper sleeper_;
  std::optional<Answer> answer_;
  net::Task<void> task_;
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "the token is there from the start, and not once it has expired") {
  source.issue("one");
  TokenSlot slot(owned.loop(), source);
  REQUIRE(slot.current() != nullptr);
  CHECK(slot.current()->value.reveal() == "one");
  owned.advance(1h - 1ns);
  CHECK(slot.current() != nullptr);
  owned.advance(1ns);
  CHECK(slot.current() == nullptr);
  CHECK(slot.hold() != nullptr);
}

TEST_CASE_FIXTURE(Fixture, "a change is taken over in the loop's next turn") {
  TokenSlot slot(owned.loop(), source);
  CHECK(slot.current() == nullptr);
  source.issue("one");
  CHECK(slot.current() == nullptr);
  owned.turn();
  REQUIRE(slot.current() != nullptr);
  const token::TokenPtr held = slot.hold();
  source.issue("two");
  owned.turn();
  CHECK(slot.current()->value.reveal() == "two");
  CHECK(held->value.reveal() == "one");  // whoever holds it still has it
}

TEST_CASE_FIXTURE(Fixture, "all who wait get the first token, and who comes later at once") {
  TokenSlot slot(owned.loop(), source);
  const Waiter a(slot, owned), b(slot, owned);
  owned.turn();
  CHECK(a.waits());
  source.issue("one");
  owned.turn();
  CHECK(a.token() == "one");
  CHECK(b.token() == "one");
  CHECK(Waiter(slot, owned).token() == "one");
}

TEST_CASE_FIXTURE(Fixture, "a newer token than the refused one is waited for") {
  source.issue("one");
  TokenSlot slot(owned.loop(), source);
  const Waiter waiter(slot, owned, 1);
  CHECK(waiter.waits());
  CHECK(rejected(slot) == Next::newer);
  source.issue("two");
  owned.turn();
  CHECK(waiter.token() == "two");
  CHECK(Waiter(slot, owned, 1).token() == "two");
  CHECK(Waiter(slot, owned, 2).waits());
}

TEST_CASE_FIXTURE(Fixture, "an expired token is no token to wait for") {
  source.issue("one");
  TokenSlot slot(owned.loop(), source);
  owned.advance(1h);
  const Waiter waiter(slot, owned);
  CHECK(waiter.waits());
  source.issue("two");
  owned.turn();
  CHECK(waiter.token() == "two");
}

TEST_CASE_FIXTURE(Fixture, "refused credentials end a wait at once, with the reason") {
  TokenSlot slot(owned.loop(), source);
  const Waiter before(slot, owned);
  source.fail(Health::rejected, "invalid_client");
  owned.turn();
  CHECK(before.error().code == Errc::token_rejected);
  CHECK(before.error().detail == "invalid_client");
  CHECK(Waiter(slot, owned).error().code == Errc::token_rejected);
}

TEST_CASE_FIXTURE(Fixture, "a token that is still valid is given whatever its endpoint says") {
  source.issue("one");
  source.fail(Health::rejected, "invalid_client");
  TokenSlot slot(owned.loop(), source);
  CHECK(Waiter(slot, owned).token() == "one");
}

TEST_CASE_FIXTURE(Fixture, "an endpoint that is out of reach is waited for until the time is up") {
  TokenSlot slot(owned.loop(), source);
  const Waiter waiter(slot, owned, 0, owned.now() + 10s);
  source.fail(Health::unavailable, "connection refused");
  owned.advance(10s - 1ns);
  CHECK(waiter.waits());
  owned.advance(1ns);
  CHECK(waiter.error().code == Errc::token_unreachable);
  CHECK(waiter.error().detail == "connection refused");
}

TEST_CASE_FIXTURE(Fixture, "a client that leaves ends its wait, and nobody else's") {
  TokenSlot slot(owned.loop(), source);
  test::ScriptedStream client;
  const Waiter leaves(slot, owned, 0, base::kNever, &client), stays(slot, owned);
  client.then(test::ScriptedStream::Status::ended);
  owned.turn();
  CHECK(leaves.error().code == Errc::client_left);
  CHECK(stays.waits());
}

TEST_CASE_FIXTURE(Fixture, "a change that is heard of after the slot's end finds nobody") {
  {
    const TokenSlot slot(owned.loop(), source);
    source.issue("one");
  }
  owned.turn();
  source.issue("two");
  owned.turn();
}

TEST_CASE_FIXTURE(Fixture, "what the upstream said of a token is passed on to its source") {
  source.issue("one");
  TokenSlot slot(owned.loop(), source);
  CHECK(rejected(slot) == Next::newer);
  slot.replayed(1, false);
  slot.replayed(1, true);
  CHECK(source.rejects() == 1);
  CHECK(source.replays() == std::vector{false, true});
  source.hold_off(true);
  CHECK(rejected(slot) == Next::none);
}

TEST_CASE_FIXTURE(Fixture, "a rejected token is replaced by a newer one, else one is fetched") {
  source.issue("one");
  TokenSlot slot(owned.loop(), source);
  const token::TokenPtr one = slot.hold();
  source.issue("two");
  owned.turn();
  CHECK(slot.next_after(*one, 1, true) == Next::newer);
  CHECK(source.rejects() == 0);
  owned.advance(relay::kTakenLateMax);
  CHECK(rejected(slot) == Next::newer);
  CHECK(source.rejects() == 1);
}

TEST_CASE_FIXTURE(Fixture,
                  "a request that cannot go again has a better token fetched for the next") {
  source.issue("one");
  source.issue_when_rejected({"two", "three"});
  TokenSlot slot(owned.loop(), source);
  slot.rejected_for_good(*slot.hold());
  owned.turn();
  CHECK(sent(slot) == "two");
  CHECK(source.replays().empty());
  SUBCASE("which is no better") {
    slot.rejected_for_good(*slot.hold());
    CHECK(source.replays() == std::vector{false});
  }
  SUBCASE("which dies later") {
    owned.advance(relay::kTakenLateMax);
    slot.rejected_for_good(*slot.hold());
    CHECK(source.replays().empty());
    owned.turn();
    CHECK(sent(slot) == "three");
  }
}

TEST_CASE_FIXTURE(Fixture, "a rejection of an old token says nothing of the one that was fetched") {
  source.issue("one");
  source.issue_when_rejected({"two"});
  TokenSlot slot(owned.loop(), source);
  const token::TokenPtr one = slot.hold();
  slot.rejected_for_good(*one);
  owned.turn();
  slot.rejected_for_good(*one);
  CHECK(source.rejects() == 1);
  CHECK(source.replays().empty());
  CHECK(sent(slot) == "two");
}

TEST_CASE_FIXTURE(
    Fixture, "a token that is seconds old is replaced by the former one, and none is fetched") {
  source.issue("one");
  TokenSlot slot(owned.loop(), source);
  source.issue("two");
  owned.turn();
  SUBCASE("just issued") {
    CHECK(rejected(slot) == Next::former);
    CHECK(sent(slot) == "one");
    CHECK(source.rejects() == 0);
  }
  SUBCASE("still young") {
    owned.advance(relay::kTakenLateMax - 1ns);
    CHECK(rejected(slot) == Next::former);
    CHECK(sent(slot) == "one");
  }
  SUBCASE("an API would have heard of it by now") {
    owned.advance(relay::kTakenLateMax);
    CHECK(rejected(slot) == Next::newer);
    CHECK(source.rejects() == 1);
  }
  SUBCASE("the former one was rejected too") {
    REQUIRE(rejected(slot) == Next::former);
    CHECK(slot.next_after(*slot.hold(), 2, false) == Next::newer);
    CHECK(source.rejects() == 1);
    CHECK(sent(slot) == "two");
  }
}

TEST_CASE_FIXTURE(Fixture,
                  "the former token is sent for about as long again as the newest is old") {
  source.issue("one");
  TokenSlot slot(owned.loop(), source);
  owned.advance(60s);
  source.issue("two");
  owned.turn();
  CHECK(sent(slot) == "two");
  owned.advance(4s);
  CHECK(rejected(slot) == Next::former);
  CHECK(sent(slot) == "one");
  CHECK(slot.current() == slot.hold().get());
  owned.advance(4s - 1ns);
  CHECK(sent(slot) == "one");
  owned.advance(1ns);
  CHECK(sent(slot) == "two");
}

TEST_CASE_FIXTURE(Fixture, "the former token is not sent past its own end") {
  source.issue("one");
  TokenSlot slot(owned.loop(), source);
  owned.advance(1h - 6s);
  source.issue("two");
  owned.advance(4s);
  CHECK(rejected(slot) == Next::former);
  owned.advance(2s);
  CHECK(sent(slot) == "two");
}

TEST_CASE_FIXTURE(Fixture, "the former token stands in for one newer token, and for no later one") {
  source.issue("one");
  TokenSlot slot(owned.loop(), source);
  source.issue("two");
  owned.advance(4s);
  CHECK(rejected(slot) == Next::former);
  CHECK(sent(slot) == "one");
  source.issue("three");
  owned.turn();
  CHECK(sent(slot) == "three");
  CHECK(rejected(slot) == Next::former);
  CHECK(sent(slot) == "two");
}

TEST_CASE_FIXTURE(Fixture, "a token that was refused is nobody's former one") {
  source.issue("one");
  source.issue_when_rejected({"two"});
  TokenSlot slot(owned.loop(), source);
  CHECK(rejected(slot) == Next::newer);
  owned.turn();
  CHECK(sent(slot) == "two");
  CHECK(rejected(slot) == Next::newer);
}

TEST_CASE_FIXTURE(Fixture, "a young token that was rejected is tried again where none is fetched") {
  source.issue("one");
  source.issue_when_rejected({"two"});
  TokenSlot slot(owned.loop(), source);
  REQUIRE(rejected(slot) == Next::newer);
  owned.turn();
  source.hold_off(true);
  CHECK(rejected(slot) == Next::none);  // it was tried just now
  owned.advance(1s);
  CHECK(rejected(slot) == Next::former);
  CHECK(sent(slot) == "one");
  CHECK(slot.next_after(*slot.hold(), 2, false) == Next::none);
  CHECK(sent(slot) == "two");
}
