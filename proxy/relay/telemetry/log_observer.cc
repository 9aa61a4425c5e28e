#include "relay/telemetry/log_observer.h"

#include <errno.h>

#include <chrono>
#include <cstring>
#include <string>

#include "base/log.h"
#include "base/text.h"

namespace bearer::relay {
namespace {

using base::LogLevel;

/// The status, or the name of the fault.
std::string outcome_text(const Outcome& outcome) {
  return outcome.fault ? std::string(base::name(*outcome.fault)) : std::to_string(outcome.status);
}

/// Why it goes no further, and the setting to look at. Empty: nothing that anybody must know.
std::string_view fix(const AttemptEnd& end) {
  switch (end.decision.because) {
    case Reason::retries_used_up: return "retries are used up; see --max-retries";
    case Reason::window_used_up: return "the next wait would end too late; see --retry-window";
    case Reason::body_not_kept:
      return "the body was too large to be kept for a replay; see --replay-max";
    case Reason::body_not_saved:
      return "the body could not be kept for a replay: its temporary file failed; see TMPDIR, or "
             "lower --replay-max to --replay-memory";
    case Reason::body_had_no_room:
      return "the bodies of other requests had taken all room for replays; see --replay-total, and "
             "the memory of this machine or container";
    case Reason::not_idempotent:
      return "the request may have had its effect; see --retry-unsafe, or send an Idempotency-Key";
    case Reason::server_forbids: return "the upstream says that a retry would not help";
    case Reason::insufficient_scope:
      return "the token's scope does not allow this; see --scope and the client's rights";
    case Reason::second_401:
      return "a fresh token was refused too: check --audience, --scope and that the upstream "
             "trusts this token endpoint";
    case Reason::second_nonce:
      return "the upstream asks for a DPoP proof with a nonce, and gave none, or refused the one "
             "that "
             "it gave; see that all of its servers know each other's nonces";
    case Reason::not_retryable: return "a retry would not help";
    case Reason::none:
    case Reason::final_answer: break;
  }
  const bool forbidden = end.outcome.status == 403 && end.detail == "insufficient_scope";
  return forbidden ? "the token's scope does not allow this; see --scope" : "";
}

void log_attempt(LogLevel level, std::string_view sentence, const AttemptEnd& end) {
  const std::string outcome = outcome_text(end.outcome);
  base::log(level, sentence,
            {{"method", end.request.method_text()},
             {"path", end.request.path()},
             {"outcome", std::string_view(outcome)},
             {"attempt", std::int64_t{end.attempt}},
             {"detail", end.detail},
             {"request_id", end.request.id.view()}});
}

}  // namespace

void LogObserver::attempt_ended(const AttemptEnd& end) {
  switch (end.decision.action) {
    case Action::refresh:
      log_attempt(LogLevel::info,
                  "the token was refused: the request is replayed once there is another", end);
      return;
    case Action::prove:
      log_attempt(LogLevel::debug,
                  "the upstream wants its nonce in the DPoP proof: the request is sent again", end);
      return;
    case Action::back_off: {
      const std::string outcome = outcome_text(end.outcome);
      base::log(LogLevel::info, "retrying",
                {{"method", end.request.method_text()},
                 {"path", end.request.path()},
                 {"outcome", std::string_view(outcome)},
                 {"attempt", std::int64_t{end.attempt}},
                 {"wait_s", base::seconds(end.decision.delay, std::chrono::milliseconds(1))},
                 {"detail", end.detail},
                 {"request_id", end.request.id.view()}});
      return;
    }
    case Action::relay: {
      const std::string_view why = fix(end);
      if (!why.empty()) log_attempt(LogLevel::warning, why, end);
      return;
    }
    case Action::give_up:
      if (end.outcome.fault == base::Errc::client_left) return;
      log_attempt(LogLevel::warning, fix(end), end);
      return;
  }
}

void LogObserver::replied(const Request& request, const LocalReply& reply) {
  const LogLevel level = reply.status < 400 ? LogLevel::debug : LogLevel::warning;
  base::log(level, "answered by the proxy itself",
            {{"method", request.method_text()},
             {"path", request.path()},
             {"status", std::int64_t{reply.status}},
             {"error", reply.error},
             {"detail", std::string_view(reply.detail)},
             {"request_id", request.id.view()}});
}

void LogObserver::exchange_ended(const ExchangeEnd& end) {
  if (access_log_) access_log_->write(end);
}

void LogObserver::body_not_kept(const Request& request, const base::Error& why) {
  base::log(LogLevel::warning, "a request's body cannot be replayed",
            {{"method", request.method_text()},
             {"path", request.path()},
             {"detail", std::string_view(why.detail)},
             {"request_id", request.id.view()}});
}

std::optional<std::int64_t> LogObserver::held_untold(const Request& request, WaitFor reason,
                                                     base::Instant now) {
  const std::lock_guard lock(held_mutex_);
  return held_[request.route->label][static_cast<std::size_t>(reason)].come(now);
}

void LogObserver::held(const Request& request, const WaitUnderWay& wait, base::Instant now) {
  const auto requests = held_untold(request, wait.reason, now);
  if (!requests) return;
  constexpr std::chrono::milliseconds kPrecision{1};
  base::log(LogLevel::warning,
            "a request is held; more like it on this route are told once a minute",
            {{"route", std::string_view(request.route->label)},
             {"method", request.method_text()},
             {"path", request.path()},
             {"for", name(wait.reason)},
             {"held_s", base::seconds(now - wait.since, kPrecision)},
             {wait.end_known ? "wait_s" : "at_most_s",
              base::seconds(wait.until - wait.since, kPrecision)},
             {"requests", *requests},
             {"request_id", request.id.view()}});
}

void LogObserver::response_cut(const Request& request, const base::Error& why) {
  base::log(LogLevel::warning, "a response was cut short: the client has a part of it",
            {{"route", std::string_view(request.route->options.label())},
             {"method", request.method_text()},
             {"path", request.path()},
             {"cause", base::name(why.code)},
             {"detail", std::string_view(why.detail)},
             {"request_id", request.id.view()}});
}

void LogObserver::not_replayed(const Request& request, const base::Error& why) {
  base::log(LogLevel::warning,
            "there is no other token for the refused request: the refusal is relayed",
            {{"method", request.method_text()},
             {"path", request.path()},
             {"detail", std::string_view(why.detail)},
             {"request_id", request.id.view()}});
}

void LogObserver::peer_refused(const net::Peer& peer, base::Instant now) {
  const auto clients = peers_refused_.come(now);
  if (!clients) return;
  const std::string sentence = "a client was refused: " + net::why_refused(peer);
  base::log(LogLevel::warning, sentence, {{"clients", *clients}});
}

void LogObserver::no_place(std::size_t clients, base::Instant now) {
  const auto newcomers = no_place_.come(now);
  if (!newcomers) return;
  base::log(LogLevel::warning,
            "every place is taken by a client that is being served: new ones wait; see "
            "--max-connections, and ulimit -Hn where a warning at start named a lower number",
            {{"clients", static_cast<std::int64_t>(clients)}, {"times", *newcomers}});
}

void LogObserver::accepting_failed(int error, base::Instant now) {
  const auto failures = accepting_failed_.come(now);
  if (!failures) return;
  const bool descriptors = error == EMFILE || error == ENFILE;
  base::log(LogLevel::warning,
            descriptors ? "out of file descriptors: clients wait; raise the limit (ulimit -n) or "
                          "lower --max-connections"
                        : "clients cannot be taken for now, and wait",
            {{"reason", std::string_view(std::strerror(error))}, {"failures", *failures}});
}

void LogObserver::accepting_recovered(base::Instant now) {
  const auto failures = accepting_failed_.gone(now);
  if (!failures) return;
  base::log(LogLevel::info, "clients are taken again", {{"failures", *failures}});
}

}  // namespace bearer::relay
