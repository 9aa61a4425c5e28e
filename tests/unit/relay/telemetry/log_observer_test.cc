#include "relay/telemetry/log_observer.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <string>

#include "base/log.h"
#include "relay/route.h"
#include "tests/support/captured.h"
#include "tests/support/route.h"
#include "wire/tls_wanted.h"

using namespace bearer;
using namespace std::chrono_literals;
using base::Errc;
using relay::Action;
using relay::AttemptEnd;
using relay::Decision;
using relay::LogObserver;
using relay::Outcome;
using relay::Reason;
using relay::Request;

namespace {

Request request() {
  Request made;
  made.head = "GET /x?key=hush HTTP/1.1\r\nCookie: hush\r\n";
  made.target = "/x?key=hush";
  return made;
}

Outcome answered(int status) {
  Outcome outcome;
  outcome.status = status;
  return outcome;
}
Outcome failed(Errc fault) {
  Outcome outcome;
  outcome.fault = fault;
  return outcome;
}

/// Returns what the log says of it: a line at most, and never a secret.
template <typename Report>
std::string said(Report report) {
  std::string line = test::captured(STDERR_FILENO, [&] {
    LogObserver observer(nullptr);
    report(observer);
  });
  CHECK(std::ranges::count(line, '\n') <= 1);
  CHECK(line.find("hush") == std::string::npos);
  return line;
}
std::string said_of(const Outcome& outcome, const Decision& decision,
                    std::string_view detail = {}) {
  return said([&](LogObserver& observer) {
    const Request made = request();
    observer.attempt_ended(AttemptEnd{made, 2, relay::Cause::first, outcome, decision, detail, {}});
  });
}
bool has(const std::string& line, std::string_view part) {
  CAPTURE(line);
  return line.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("an attempt that is relayed as it should be is not worth a line") {
  CHECK(said_of(answered(200), {Action::relay, {}, Reason::final_answer}).empty());
  CHECK(said_of(answered(404), {Action::relay, {}, Reason::final_answer}).empty());
  CHECK(said_of(answered(403), {Action::relay, {}, Reason::final_answer}, "invalid").empty());
}

TEST_CASE("a retry says why, and how long it waits") {
  const std::string line = said_of(answered(429), {Action::back_off, 2500ms, Reason::none}, "slow");
  for (const char* part : {"retrying", "method=GET", "path=/x", "outcome=429", "attempt=2",
                           "wait_s=2.5", "detail=slow"}) {
    CAPTURE(part);
    CHECK(has(line, part));
  }
  CHECK(has(said_of(answered(429), {Action::back_off, 1234567890ns, Reason::none}),
            "wait_s=1.235\n"));
  CHECK(has(said_of(failed(Errc::connect_refused), {Action::back_off, 1s, Reason::none}),
            "outcome=connect_refused"));
}

TEST_CASE("a replay after a 401 is said") {
  const std::string line = said_of(answered(401), {Action::refresh, {}, Reason::none});
  CHECK(has(line, "the request is replayed once there is another"));
  CHECK(has(line, "outcome=401"));
}

TEST_CASE("what goes no further says why, and names the setting to look at") {
  struct Case {
    Reason because;
    const char *sentence, *setting;
  };
  const Case cases[] = {
      {Reason::retries_used_up, "retries are used up", "--max-retries"},
      {Reason::window_used_up, "would end too late", "--retry-window"},
      {Reason::body_not_kept, "too large to be kept", "--replay-max"},
      {Reason::body_not_saved, "its temporary file failed", "TMPDIR"},
      {Reason::body_had_no_room, "have taken all room", "--replay-total"},
      {Reason::not_idempotent, "may have had its effect", "--retry-unsafe"},
      {Reason::retries_forbidden, "retries of this method are forbidden", "--retry-unsafe"},
      {Reason::insufficient_scope, "scope does not allow", "--scope"},
      {Reason::second_401, "a fresh token was refused too", "--audience"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.sentence);
    for (const Action action : {Action::relay, Action::give_up}) {
      const Outcome outcome =
          action == Action::relay ? answered(503) : failed(Errc::connection_lost);
      const std::string line = said_of(outcome, {action, {}, c.because});
      CHECK(has(line, c.sentence));
      CHECK(has(line, c.setting));
      CHECK(has(line, action == Action::relay ? "outcome=503" : "outcome=connection_lost"));
    }
  }
}

TEST_CASE("a 403 for want of scope names the setting to look at") {
  const Decision relayed{Action::relay, {}, Reason::final_answer};
  CHECK(has(said_of(answered(403), relayed, "insufficient_scope"), "--scope"));
  CHECK(said_of(answered(400), relayed, "insufficient_scope").empty());
}

TEST_CASE("an upstream that speaks TLS where plain http was spoken is told, with what to write") {
  relay::RouteOptions options = test::route("/", "http://api.example:8443");
  options.upstream_setting = "routes[0].upstream";
  relay::Route route(options);
  Request made = request();
  made.route = &route;
  const Outcome outcome = answered(400);
  const Decision relayed{Action::relay, {}, Reason::final_answer};
  const auto line_of = [&](std::string_view detail) {
    return said([&](LogObserver& observer) {
      observer.attempt_ended(
          AttemptEnd{made, 1, relay::Cause::first, outcome, relayed, detail, {}});
    });
  };
  CHECK(has(line_of(wire::kTlsWanted), "write https:// in routes[0].upstream"));
  CHECK(line_of("").empty());
}

TEST_CASE("a fault that no retry mends is said, a client that left is not") {
  const Decision over{Action::give_up, {}, Reason::not_retryable};
  const std::string line = said_of(failed(Errc::tls_certificate_untrusted), over, "self-signed");
  CHECK(has(line, "a retry would not help"));
  CHECK(has(line, "detail=self-signed"));
  CHECK(said_of(failed(Errc::client_left), over).empty());
}

TEST_CASE("an answer of our own, a body that is not kept and a lack of descriptors are said") {
  const Request made = request();
  const std::string replied = said([&](LogObserver& observer) {
    observer.replied(made, relay::reply_for(Errc::token_rejected, "check client_id"), {});
  });
  for (const char* part : {"answered by the proxy itself", "path=/x", "status=502",
                           "error=credential_rejected", "detail=\"check client_id\""}) {
    CHECK(has(replied, part));
  }
  CHECK(has(said([&](LogObserver& observer) {
              observer.body_not_kept(made, {Errc::spill_failed, "see TMPDIR"});
            }),
            "detail=\"see TMPDIR\""));
  CHECK(
      has(said([](LogObserver& observer) { observer.accepting_failed(EMFILE, {}); }), "ulimit -n"));
}

TEST_CASE("a full house is told once a minute, with the setting that makes it larger") {
  const std::string lines = test::captured(STDERR_FILENO, [] {
    LogObserver observer(nullptr);
    for (int i = 0; i < 50; ++i) observer.no_place(50, base::Instant{});
  });
  CAPTURE(lines);
  CHECK(std::ranges::count(lines, '\n') == 1);
  CHECK(has(lines, "see --max-connections"));
  CHECK(has(lines, "clients=50 times=1\n"));
}

TEST_CASE("clients whose user is not named are told once a minute, and how many they were") {
  using Kind = net::Peer::Kind;
  const std::string lines = test::captured(STDERR_FILENO, [] {
    LogObserver observer(nullptr);
    const base::Instant began{};
    for (int i = 0; i < 100; ++i) observer.peer_refused({Kind::user, 1001}, began);
    observer.peer_refused({Kind::gone}, began + 61s);
  });
  CAPTURE(lines);
  CHECK(std::ranges::count(lines, '\n') == 2);
  CHECK(has(lines, "are served (uid=1001); see --allow-uid clients=1\n"));
  CHECK(has(lines, "it had gone before its user was known; see --allow-uid clients=100"));
}

TEST_CASE("a lack of descriptors that lasts is said once in a while, and when it is over") {
  const std::string lines = test::captured(STDERR_FILENO, [] {
    LogObserver observer(nullptr);
    const base::Instant began{};
    for (int i = 0; i < 650; ++i) observer.accepting_failed(EMFILE, began + i * 100ms);
    for (const auto later : {70s, 80s, 90s}) observer.accepting_recovered(began + later);
  });
  CAPTURE(lines);
  CHECK(std::ranges::count(lines, '\n') == 3);
  CHECK(has(lines, "failures=1\n"));
  CHECK(has(lines, "failures=600\n"));
  CHECK(has(lines, "info  clients are taken again failures=49\n"));
}

TEST_CASE(
    "requests that are held are told once a minute for each reason, with what they wait for") {
  relay::Route route{test::route("/crm/", "https://crm.example.com")};
  Request request;
  request.route = &route;
  request.target = "/crm/orders";
  request.head = "GET";
  const std::string lines = test::captured(STDERR_FILENO, [&] {
    LogObserver observer(nullptr);
    const base::Instant began{};
    for (int i = 0; i < 100; ++i) {
      const base::Instant now = began + i * 500ms;
      observer.held(request, {now, now + 20s, relay::WaitFor::backoff, true}, now);
    }
    observer.held(request, {began, began + 7s, relay::WaitFor::pause, true}, began);
  });
  CAPTURE(lines);
  CHECK(std::ranges::count(lines, '\n') == 2);
  for (const char* part :
       {"route=/crm/", "path=/crm/orders", "for=backoff", "wait_s=20", "for=pause", "wait_s=7"}) {
    CAPTURE(part);
    CHECK(has(lines, part));
  }
}

TEST_CASE("requests that are held on one route do not hide those of another") {
  relay::Route crm{test::route("/crm/", "https://crm.example.com")};
  relay::Route rest{test::route("/", "https://api.example.com")};
  Request request;
  request.head = "GET";
  const std::string lines = test::captured(STDERR_FILENO, [&] {
    LogObserver observer(nullptr);
    const base::Instant now{1h};
    for (relay::Route* route : {&crm, &rest, &crm}) {
      request.route = route;
      observer.held(request, {now - 5s, now + 7s, relay::WaitFor::token, false}, now);
    }
  });
  CAPTURE(lines);
  CHECK(std::ranges::count(lines, '\n') == 2);
  for (const char* part : {"route=/crm/", "route=/ ", "for=token", "held_s=5", "at_most_s=12"}) {
    CAPTURE(part);
    CHECK(has(lines, part));
  }
}

TEST_CASE("a response that is cut short is told with its route and cause") {
  relay::Route route{test::route("/crm/", "https://crm.example.com")};
  Request request;
  request.route = &route;
  const std::string line = said([&](LogObserver& observer) {
    observer.response_cut(request, {Errc::response_timeout, "see --idle-timeout"});
  });
  CHECK(has(line, "cut short (upstream_silent)"));
  CHECK(has(line, "cause=response_timeout"));
  CHECK(has(line, "detail=\"see --idle-timeout\""));
}

TEST_CASE("a request that was answered before its end and not sent to it is told of") {
  relay::Route route{test::route("/crm/", "https://crm.example.com")};
  Request request;
  request.route = &route;
  const std::string line = said([&](LogObserver& observer) {
    observer.upload_cut(request, {Errc::response_incomplete, "it answered 201, and took 9 bytes"});
  });
  CHECK(has(line, "warn "));
  CHECK(has(line, "route=/crm/"));
  CHECK(has(line, "not sent to its end"));
  CHECK(has(line, "detail=\"it answered 201, and took 9 bytes\""));
}

TEST_CASE("failures that are alike share lines, those of another route or outcome do not") {
  relay::Route crm{test::route("/crm/", "https://crm.example.com")};
  relay::Route api{test::route("/", "https://api.example.com")};
  const std::string lines = test::captured(STDERR_FILENO, [&] {
    LogObserver observer(nullptr);
    const Decision over{Action::relay, {}, Reason::retries_used_up};
    for (int i = 0; i < 5; ++i) {
      for (relay::Route* route : {&crm, &api}) {
        for (const int status : {502, 503}) {
          Request request;
          request.route = route;
          const Outcome outcome = answered(status);
          observer.attempt_ended(
              AttemptEnd{request, 1, relay::Cause::first, outcome, over, "why", {}});
        }
      }
    }
  });
  CAPTURE(lines);
  CHECK(std::ranges::count(lines, '\n') == 4 * 3);  // the first, the second and the fourth
  CHECK(has(lines,
            "route=/crm/ upstream=https://crm.example.com outcome=502 attempt=1 "
            "detail=why times=4\n"));
}

TEST_CASE("replies of our own that are alike share lines, which say how many there have been") {
  const std::string lines = test::captured(STDERR_FILENO, [] {
    LogObserver observer(nullptr);
    const Request made = request();
    for (int i = 0; i < 9; ++i)
      observer.replied(made, relay::reply_for(Errc::draining, "the proxy ends"), {});
  });
  CAPTURE(lines);
  CHECK(std::ranges::count(lines, '\n') == 4);
  CHECK(has(lines, " times=8\n"));
}

TEST_CASE("a failure that repeats others is counted for the status page, without a line") {
  const auto count = [] {
    for (const base::Problem& problem : base::recent_problems()) {
      if (problem.sentence == "the upstream says that a retry would not help") return problem.count;
    }
    return std::uint64_t{0};
  };
  const std::uint64_t before = count();
  test::captured(STDERR_FILENO, [] {
    LogObserver observer(nullptr);
    const Request made = request();
    const Outcome outcome = answered(503);
    for (int i = 0; i < 7; ++i) {
      observer.attempt_ended(AttemptEnd{made,
                                        1,
                                        relay::Cause::first,
                                        outcome,
                                        {Action::relay, {}, Reason::server_forbids},
                                        "",
                                        {}});
    }
  });
  CHECK(count() - before == 7);
}
