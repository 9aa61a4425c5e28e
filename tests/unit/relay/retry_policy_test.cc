#include "relay/retry_policy.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <vector>

#include "tests/unit/relay/outcomes.h"

using namespace bearer;
using namespace std::chrono_literals;
using base::Errc;
using relay::Action;
using relay::Decision;
using relay::NotReplayable;
using relay::Reason;
using relay::RetryOptions, relay::RetryUnsafe;
using namespace bearer::test;

namespace {

const std::vector<Errc> kWithoutEffect{Errc::resolve_failed,      Errc::connect_refused,
                                       Errc::connect_unreachable, Errc::connect_timeout,
                                       Errc::descriptors_used_up, Errc::tls_handshake_failed,
                                       Errc::stream_refused};
const std::vector<Errc> kLost{Errc::connection_lost, Errc::response_timeout};

}  // namespace

TEST_CASE("408, 429 and every 5xx but 501 and 505 are retried, anything else is relayed") {
  for (int status = 200; status < 600; ++status) {
    CAPTURE(status);
    const bool retried =
        status == 408 || status == 429 || (status >= 500 && status != 501 && status != 505);
    const Decision decision = decide(answered(status), {}, 0);
    CHECK(decision.action == (retried ? Action::back_off : Action::relay));
    CHECK(decision.because == (retried ? Reason::none : Reason::final_answer));
  }
}

TEST_CASE("the statuses that are retried can be chosen") {
  RetryOptions options;
  options.statuses.reset().set(404);
  check(answered(404), Action::back_off, Reason::none, options);
  check(answered(503), Action::relay, Reason::final_answer, options);
}

TEST_CASE("a POST is sent again by default only where the answer says that nothing was done") {
  for (const int status : {408, 429, 500, 502, 503, 504, 520, 529}) {
    CAPTURE(status);
    const bool untouched = status == 408 || status == 429 || status == 503;
    Ended post = answered(status);
    post.idempotent = false;
    check(post, untouched ? Action::back_off : Action::relay,
          untouched ? Reason::none : Reason::not_idempotent);
    check(post, Action::relay, Reason::retries_forbidden, unsafe(RetryUnsafe::never));
    check(post, Action::back_off, Reason::none, unsafe(RetryUnsafe::status));
    check(post, Action::back_off, Reason::none, unsafe(RetryUnsafe::always));
    post.idempotent = true;
    check(post, Action::back_off, Reason::none, unsafe(RetryUnsafe::never));
  }
}

TEST_CASE("what cannot have had an effect is retried for any method, unless that is forbidden") {
  for (const Errc fault : kWithoutEffect) {
    CAPTURE(base::name(fault));
    for (const RetryUnsafe policy :
         {RetryUnsafe::refused, RetryUnsafe::status, RetryUnsafe::always}) {
      Ended post = failed(fault);
      post.idempotent = false;
      check(post, Action::back_off, Reason::none, unsafe(policy));
    }
  }
}

TEST_CASE("a connection lost after sending is retried only where that does no harm") {
  for (const Errc fault : kLost) {
    CAPTURE(base::name(fault));
    Ended lost = failed(fault);
    check(lost, Action::back_off, Reason::none);
    lost.idempotent = false;
    check(lost, Action::give_up, Reason::retries_forbidden, unsafe(RetryUnsafe::never));
    check(lost, Action::give_up, Reason::not_idempotent, unsafe(RetryUnsafe::refused));
    check(lost, Action::give_up, Reason::not_idempotent, unsafe(RetryUnsafe::status));
    check(lost, Action::back_off, Reason::none, unsafe(RetryUnsafe::always));
    lost.sent = false;
    check(lost, Action::back_off, Reason::none, unsafe(RetryUnsafe::refused));
  }
}

TEST_CASE("where retries are forbidden, a POST has none, also where nothing was sent") {
  std::vector<Errc> faults = kWithoutEffect;
  faults.push_back(Errc::connection_lost);
  for (const Errc fault : faults) {
    CAPTURE(base::name(fault));
    Ended post = failed(fault);
    post.idempotent = post.sent = false;
    check(post, Action::give_up, Reason::retries_forbidden, unsafe(RetryUnsafe::never));
    post.idempotent = true;
    check(post, Action::back_off, Reason::none, unsafe(RetryUnsafe::never));
  }
}

TEST_CASE("what a retry cannot change is given up at once") {
  for (const Errc fault :
       {Errc::tls_certificate_untrusted, Errc::response_malformed, Errc::response_incomplete,
        Errc::client_left, Errc::request_malformed, Errc::request_timeout, Errc::queue_too_long,
        Errc::spill_failed, Errc::token_rejected, Errc::token_unreachable}) {
    CAPTURE(base::name(fault));
    check(failed(fault), Action::give_up, Reason::not_retryable);
    check(failed(fault), Action::give_up, Reason::not_retryable, unsafe(RetryUnsafe::always));
  }
}

TEST_CASE("a body that was not kept cannot be sent again, and the reason is told") {
  for (Ended outcome : {answered(503), failed(Errc::connect_refused)}) {
    const Action end = outcome.fault ? Action::give_up : Action::relay;
    outcome.unkept = NotReplayable::too_large;
    check(outcome, end, Reason::body_not_kept);
    outcome.unkept = NotReplayable::spill_failed;
    check(outcome, end, Reason::body_not_saved);
    outcome.unkept = NotReplayable::no_room;
    check(outcome, end, Reason::body_had_no_room);
  }
}

TEST_CASE("max-retries counts the retries that were begun") {
  RetryOptions options;
  for (const int most : {0, 1, 3}) {
    options.max_retries = most;
    Ended status = answered(429);
    Ended fault = failed(Errc::connect_refused);
    status.retries = fault.retries = most;
    check(status, Action::relay, Reason::retries_used_up, options);
    check(fault, Action::give_up, Reason::retries_used_up, options);
    if (most == 0) continue;
    status.retries = fault.retries = most - 1;
    check(status, Action::back_off, Reason::none, options);
    check(fault, Action::back_off, Reason::none, options);
  }
}

TEST_CASE("a 403 that is a rate limit is judged as a 429, any other is relayed") {
  Ended limited = answered(403);
  check(limited, Action::relay, Reason::final_answer);
  limited.judged_as = 429;
  limited.idempotent = false;
  check(limited, Action::back_off, Reason::none);
  RetryOptions without;
  without.statuses.reset(429);
  check(limited, Action::relay, Reason::final_answer, without);
}

TEST_CASE("a server that says that a retry would not help is obeyed") {
  Ended refused = answered(503);
  refused.retry_forbidden = true;
  check(refused, Action::relay, Reason::server_forbids);
  refused.status = 404;
  check(refused, Action::relay, Reason::final_answer);
}

TEST_CASE("a 500 that does not say when to come back is retried three times at most") {
  Ended broken = answered(500);
  broken.retries = broken.plain_500_retries = 2;
  check(broken, Action::back_off, Reason::none);
  broken.retries = broken.plain_500_retries = 3;
  check(broken, Action::relay, Reason::retries_used_up);
  SUBCASE("where other faults came before, those do not count") {
    broken.plain_500_retries = 2;
    broken.retries = 9;
    check(broken, Action::back_off, Reason::none);
  }
  SUBCASE("with a time to wait it counts as any other") {
    broken.retry_after = 1s;
    check(broken, Action::back_off, Reason::none);
  }
  SUBCASE("other statuses have all of --max-retries") {
    broken.status = 502;
    check(broken, Action::back_off, Reason::none);
  }
  SUBCASE("whoever asks for more gets it") {
    RetryOptions patient;
    patient.plain_500_retries_max = 8;
    check(broken, Action::back_off, Reason::none, patient);
  }
}

TEST_CASE("a kept-alive connection that died of age is replaced without a wait") {
  Ended stale = failed(Errc::connection_lost);
  stale.reused = true;
  CHECK(delay(stale, 0.9) == 0s);
  stale.idempotent = false;
  check(stale, Action::give_up, Reason::not_idempotent);
  Ended fresh = failed(Errc::connection_lost);
  CHECK(delay(fresh) == 1s);
  Ended slow = failed(Errc::response_timeout);
  slow.reused = true;
  CHECK(delay(slow) == 1s);
}

TEST_CASE("of the kept-alive connections that died under a request, one is not counted") {
  struct Case {
    Errc fault;
    bool reused, replaced;
    bool counted;
  };
  const Case cases[] = {
      {Errc::connection_lost, true, false, false},  {Errc::connection_lost, true, true, true},
      {Errc::connection_lost, false, false, true},  {Errc::response_timeout, true, false, true},
      {Errc::response_timeout, false, false, true}, {Errc::connect_refused, false, false, true},
  };
  for (const Case& c : cases) {
    CAPTURE(base::name(c.fault));
    CAPTURE(c.reused);
    CAPTURE(c.replaced);
    Ended lost = failed(c.fault);
    lost.reused = c.reused;
    lost.replaced = c.replaced;
    CHECK(decide(lost, {}, 0).action == Action::back_off);
    CHECK(decide(lost, {}, 0).counted == c.counted);
    lost.retries = RetryOptions().max_retries;
    if (c.counted) {
      check(lost, Action::give_up, Reason::retries_used_up);
    } else {
      check(lost, Action::back_off, Reason::none);
    }
  }
}

TEST_CASE(
    "a loss that is not counted is not retried where a retry is forbidden for another reason") {
  Ended stale = failed(Errc::connection_lost);
  stale.reused = true;
  Ended post = stale;
  post.idempotent = false;
  check(post, Action::give_up, Reason::not_idempotent);
  Ended large = stale;
  large.unkept = NotReplayable::too_large;
  check(large, Action::give_up, Reason::body_not_kept);
  Ended late = stale;
  late.window_ends = kNow - 1ns;
  check(late, Action::give_up, Reason::window_used_up);
}

TEST_CASE("a stream that was never processed is sent again, at once at first") {
  Ended refused = failed(Errc::stream_refused);
  refused.retries = RetryOptions().max_retries;
  CHECK(delay(refused, 0.9) == 0s);
  CHECK_FALSE(decide(refused, {}, 0).counted);
  refused.replaced = true;
  check(refused, Action::give_up, Reason::retries_used_up);
  refused.retries = 0;
  CHECK(delay(refused) == 1s);
  CHECK(decide(refused, {}, 0).counted);
  refused.unkept = NotReplayable::too_large;
  check(refused, Action::give_up, Reason::body_not_kept);
}

TEST_CASE("a 421 of a shared connection is asked once over another one, whatever the method") {
  Ended wrong = answered(421);
  wrong.idempotent = false;
  check(wrong, Action::relay, Reason::final_answer);
  wrong.misdirected = true;
  check(wrong, Action::relay, Reason::final_answer, unsafe(RetryUnsafe::never));
  CHECK(delay(wrong, 0.9) == 0s);
  CHECK_FALSE(decide(wrong, {}, 0).counted);
  wrong.replaced = true;
  check(wrong, Action::relay, Reason::final_answer);
}

TEST_CASE("a gRPC call is judged by the status that stands for its own") {
  Ended call = answered(200);
  call.idempotent = false;
  call.grpc_status = 14;
  check(call, Action::relay, Reason::final_answer);
  call.judged_as = 503;
  check(call, Action::back_off, Reason::none);
  check(call, Action::relay, Reason::retries_forbidden, unsafe(RetryUnsafe::never));
  call.retry_forbidden = true;
  check(call, Action::relay, Reason::server_forbids);
}

TEST_CASE("a challenge that wants a nonce is answered once, with one that is new") {
  Ended asked = answered(401);
  asked.nonce_asked = asked.nonce_new = true;
  asked.idempotent = false;  // nothing was carried out
  check(asked, Action::prove, Reason::none);
  check(asked, Action::prove, Reason::none, unsafe(RetryUnsafe::never));
  asked.retries = 10;
  check(asked, Action::prove, Reason::none);
  asked.unkept = NotReplayable::too_large;
  check(asked, Action::relay, Reason::body_not_kept);
  asked.unkept.reset();
  asked.nonce_new = false;
  check(asked, Action::relay, Reason::second_nonce);
}

TEST_CASE("a 500 that is a SOAP fault is an answer, whatever may be retried") {
  Ended fault = answered(500);
  fault.soap_fault = true;
  for (const bool idempotent : {false, true}) {
    fault.idempotent = idempotent;
    check(fault, Action::relay, Reason::final_answer, unsafe(RetryUnsafe::always));
  }
}
