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

namespace {

using Answer = base::Result<token::TokenPtr>;

struct Fixture {
  OwnedLoop owned;
  test::ScriptedSource source{owned.clock()};
};

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
  CHECK(slot.reject(1));
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
  CHECK(slot.reject(1));
  slot.replayed(1, false);
  slot.replayed(1, true);
  CHECK(source.rejects() == 1);
  CHECK(source.replays() == std::vector{false, true});
  source.hold_off(true);
  CHECK_FALSE(slot.reject(1));
}

TEST_CASE_FIXTURE(Fixture,
                  "the former token is sent for about as long again as the newest is old") {
  source.issue("one");
  TokenSlot slot(owned.loop(), source);
  owned.advance(60s);
  source.issue("two");
  owned.turn();
  REQUIRE(slot.former() != nullptr);
  CHECK(slot.hold()->value.reveal() == "two");
  owned.advance(4s);
  slot.go_on_with_former();
  CHECK(slot.current() == slot.former());
  CHECK(slot.hold()->value.reveal() == "one");
  CHECK(slot.newest()->value.reveal() == "two");
  owned.advance(4s);
  CHECK(slot.hold()->value.reveal() == "two");
  // And not past its own end.
  slot.go_on_with_former();
  owned.advance(1h - 68s);
  CHECK(slot.former() == nullptr);
  CHECK(slot.hold()->value.reveal() == "two");
}

TEST_CASE_FIXTURE(Fixture, "the former token stands in for one newer token, and for no later one") {
  source.issue("one");
  TokenSlot slot(owned.loop(), source);
  source.issue("two");
  owned.turn();
  owned.advance(4s);
  slot.go_on_with_former();
  CHECK(slot.hold()->value.reveal() == "one");
  source.issue("three");
  owned.turn();
  CHECK(slot.hold()->value.reveal() == "three");
  slot.go_on_with_former();
  CHECK(slot.hold()->value.reveal() == "two");
  slot.go_on_with_newest();
  CHECK(slot.hold()->value.reveal() == "three");
}

TEST_CASE_FIXTURE(Fixture, "a token that was refused is nobody's former one") {
  source.issue("one");
  source.issue_when_rejected({"two"});
  TokenSlot slot(owned.loop(), source);
  CHECK(slot.reject(1));
  owned.turn();
  CHECK(slot.hold()->value.reveal() == "two");
  CHECK(slot.former() == nullptr);
}
