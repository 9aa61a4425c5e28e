#include "relay/telemetry/log_observer.h"

#include <errno.h>

#include <chrono>
#include <cstring>
#include <initializer_list>
#include <optional>
#include <string>

#include "base/advice.h"
#include "base/log.h"
#include "base/text.h"
#include "wire/tls_wanted.h"

namespace bearer::relay {
namespace {

using base::advice_on;
using base::LogLevel;
using base::Trouble;

/// The status, or the name of the fault.
std::string outcome_text(const Outcome& outcome) {
  if (outcome.grpc_status) return "grpc_" + std::to_string(*outcome.grpc_status);
  return outcome.fault ? std::string(base::name(*outcome.fault)) : std::to_string(outcome.status);
}

/// The reason why the exchange is over, with the setting to look at. Empty if nobody has to know.
std::string why_over(const AttemptEnd& end) {
  const auto see = [](const char* why, Trouble trouble) {
    return why + ("; " + advice_on(trouble));
  };
  switch (end.decision.because) {
    case Reason::retries_used_up: return see("retries are used up", Trouble::retries_used_up);
    case Reason::window_used_up:
      return see("the next wait would end too late", Trouble::window_used_up);
    case Reason::body_not_kept:
      return see("the body was too large to be kept for a replay", Trouble::body_too_large_to_keep);
    case Reason::body_not_saved:
      return see("the body could not be kept for a replay: its temporary file failed",
                 Trouble::no_room_to_keep_body);
    case Reason::body_had_no_room:
      return see("kept bodies have taken all room for replays, or half of what was free on disk",
                 Trouble::bodies_take_all_room);
    case Reason::not_idempotent:
      return see("the request may have had its effect", Trouble::may_be_carried_out);
    case Reason::retries_forbidden:
      return see("retries of this method are forbidden", Trouble::may_be_carried_out);
    case Reason::server_forbids: return "the upstream says that a retry would not help";
    case Reason::insufficient_scope:
      return see("the token's scope does not allow this", Trouble::scope_missing);
    case Reason::second_401:
      return see("a fresh token was refused too", Trouble::token_refused_twice);
    case Reason::second_nonce:
      return "the upstream asks for a DPoP proof with a nonce, and gave none, or refused the one "
             "that it gave; see that all of its servers know each other's nonces";
    case Reason::not_retryable: return "a retry would not help";
    case Reason::none:
    case Reason::final_answer: break;
  }
  if (end.outcome.status == 400 && end.detail == wire::kTlsWanted) {
    return "the upstream wants https; " +
           advice_on(Trouble::tls_wanted, end.request.route->options.upstream_setting);
  }
  const bool forbidden = end.outcome.status == 403 && end.detail == "insufficient_scope";
  return forbidden ? see("the token's scope does not allow this", Trouble::scope_missing) : "";
}

std::string label_of(const Request& request) {
  return request.route == nullptr ? "" : request.route->options.label();
}
std::string upstream_of(const Request& request) {
  return request.route == nullptr ? "" : request.route->options.upstream.text();
}

void log_attempt(LogLevel level, std::string_view sentence, const AttemptEnd& end) {
  const std::string outcome = outcome_text(end.outcome);
  base::log(level, sentence,
            {{"method", end.request.method_text()},
             {"path", end.request.path()},
             {"outcome", std::string_view(outcome)},
             {"attempt", std::int64_t{end.attempt}},
             {"detail", end.detail},
             {"request_id", end.request.id_text()}});
}

/// Writes a warning. If it repeats others, it is kept for the status page alone; at debug, each one
/// has its line.
void warn(std::optional<std::int64_t> times, std::string_view sentence,
          std::initializer_list<base::LogField> fields) {
  if (times) return base::log(LogLevel::warning, sentence, fields);
  base::note_problem(LogLevel::warning, sentence, fields);
  base::log(LogLevel::debug, sentence, fields);
}

}  // namespace

void LogObserver::warn_of_attempt(std::string_view sentence, const AttemptEnd& end) {
  const std::string outcome = outcome_text(end.outcome);
  const std::string route = label_of(end.request), upstream = upstream_of(end.request);
  const auto times = failures_.come(route + "\n" + outcome + "\n" + std::string(sentence), end.now);
  warn(times, sentence,
       {{"method", end.request.method_text()},
        {"path", end.request.path()},
        {"route", std::string_view(route)},
        {"upstream", std::string_view(upstream)},
        {"outcome", std::string_view(outcome)},
        {"attempt", std::int64_t{end.attempt}},
        {"detail", end.detail},
        {"request_id", end.request.id_text()},
        {"times", times.value_or(0)}});
}

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
                 {"request_id", end.request.id_text()}});
      return;
    }
    case Action::relay: {
      const std::string why = why_over(end);
      if (!why.empty()) return warn_of_attempt(why, end);
      if (base::log_enabled(LogLevel::debug)) log_attempt(LogLevel::debug, "attempt", end);
      return;
    }
    case Action::give_up:
      if (end.outcome.fault == base::Errc::client_left) return;
      warn_of_attempt(why_over(end), end);
      return;
  }
}

void LogObserver::replied(const Request& request, const LocalReply& reply, base::Instant now) {
  constexpr std::string_view kSentence = "answered by the proxy itself";
  // Takes the detail only up to text that a stranger may have chosen, such as a Host.
  const std::string kind = label_of(request) + "\n" + std::to_string(reply.status) + "\n" +
                           std::string(reply.error) + "\n" +
                           reply.detail.substr(0, reply.detail.find_first_of("':"));
  const bool failed = reply.status >= 400;
  const auto times = failed ? failures_.come(kind, now) : std::nullopt;
  const std::initializer_list<base::LogField> fields{{"method", request.method_text()},
                                                     {"path", request.path()},
                                                     {"status", std::int64_t{reply.status}},
                                                     {"error", reply.error},
                                                     {"detail", std::string_view(reply.detail)},
                                                     {"request_id", request.id_text()},
                                                     {"times", times.value_or(0)}};
  if (!failed) return base::log(LogLevel::debug, kSentence, fields);
  warn(times, kSentence, fields);
}

void LogObserver::exchange_ended(const ExchangeEnd& end) {
  if (access_log_) access_log_->write(end);
  if (!base::log_enabled(LogLevel::debug)) return;
  const std::string route = label_of(end.request);
  base::log(LogLevel::debug, "request",
            {{"method", end.request.method_text()},
             {"path", end.request.path()},
             {"route", std::string_view(route)},
             {"status", std::int64_t{end.status}},
             {"attempts", std::int64_t{end.attempts}},
             {"took_s", base::seconds(end.took, std::chrono::milliseconds(1))},
             {"waited_s", base::seconds(end.waited, std::chrono::milliseconds(1))},
             {"whole", end.whole},
             {"request_id", end.request.id_text()}});
}

void LogObserver::body_not_kept(const Request& request, const base::Error& why) {
  const std::string detail = why.sentence();
  base::log(LogLevel::warning, "a request's body cannot be replayed",
            {{"method", request.method_text()},
             {"path", request.path()},
             {"detail", std::string_view(detail)},
             {"request_id", request.id_text()}});
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
             {"request_id", request.id_text()}});
}

void LogObserver::response_cut(const Request& request, const base::Error& why) {
  const std::string detail = why.sentence();
  // The cause is part of the sentence, because the status page groups problems by sentence.
  const std::string cause(kCutNames[static_cast<std::size_t>(cut_reason(why.code))]);
  base::log(LogLevel::warning,
            "a response was cut short (" + cause + "): the client has a part of it",
            {{"route", std::string_view(request.route->options.label())},
             {"method", request.method_text()},
             {"path", request.path()},
             {"cause", base::name(why.code)},
             {"detail", std::string_view(detail)},
             {"request_id", request.id_text()}});
}

void LogObserver::upload_cut(const Request& request, const base::Error& why) {
  const std::string detail = why.sentence();
  base::log(LogLevel::warning, "a request was answered as a success, but not sent to its end",
            {{"route", std::string_view(request.route->options.label())},
             {"method", request.method_text()},
             {"path", request.path()},
             {"detail", std::string_view(detail)},
             {"request_id", request.id_text()}});
}

void LogObserver::not_replayed(const Request& request, const base::Error& why) {
  const std::string detail = why.sentence();
  base::log(LogLevel::warning,
            "there is no other token for the refused request: the refusal is relayed",
            {{"method", request.method_text()},
             {"path", request.path()},
             {"detail", std::string_view(detail)},
             {"request_id", request.id_text()}});
}

void LogObserver::links_lead_away(const Request& request) {
  base::log(LogLevel::warning,
            "a JSON body holds links to the upstream itself: a client that follows one leaves the "
            "proxy, and has no token there; " +
                advice_on(Trouble::links_lead_away),
            {{"route", std::string_view(request.route->label)},
             {"upstream", std::string_view(upstream_of(request))},
             {"method", request.method_text()},
             {"path", request.path()},
             {"request_id", request.id_text()}});
}

void LogObserver::peer_refused(const net::Peer& peer, base::Instant now) {
  const auto clients = peers_refused_.come(now);
  if (!clients) return;
  const std::string sentence = "a client was refused: " + net::why_refused(peer);
  base::log(LogLevel::warning, sentence, {{"clients", *clients}});
}

void LogObserver::http2_failed(std::string_view why, base::Instant now) {
  const auto connections = http2_failed_.come(now);
  if (!connections) return;
  const std::string sentence =
      "an HTTP/2 connection was ended for what its client sent: " + std::string(why);
  base::log(LogLevel::warning, sentence, {{"connections", *connections}});
}

void LogObserver::no_place(std::size_t clients, base::Instant now) {
  const auto newcomers = no_place_.come(now);
  if (!newcomers) return;
  base::log(LogLevel::warning,
            "every place is taken by a client that is being served: new ones wait; " +
                advice_on(Trouble::every_place_taken),
            {{"clients", static_cast<std::int64_t>(clients)}, {"times", *newcomers}});
}

void LogObserver::accepting_failed(int error, base::Instant now) {
  const auto failures = accepting_failed_.come(now);
  if (!failures) return;
  const bool descriptors = error == EMFILE || error == ENFILE;
  base::log(LogLevel::warning,
            descriptors ? "out of file descriptors: clients wait; " +
                              advice_on(Trouble::descriptors_used_up)
                        : "clients cannot be taken for now, and wait",
            {{"reason", std::string_view(std::strerror(error))}, {"failures", *failures}});
}

void LogObserver::accepting_recovered(base::Instant now) {
  const auto failures = accepting_failed_.gone(now);
  if (!failures) return;
  base::log(LogLevel::info, "clients are taken again", {{"failures", *failures}});
}

}  // namespace bearer::relay
