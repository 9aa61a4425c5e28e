#include "relay/hearing.h"

#include <string_view>
#include <utility>

#include "relay/attempt_outcome.h"
#include "relay/loop_context.h"
#include "relay/reach.h"
#include "relay/reply.h"

namespace bearer::relay {
namespace {

using base::Errc;
using base::Error;
using net::Wake;

/// The body is needed now, so a client that waits for a 100 is told to send it.
void wanted(Exchange& exchange) {
  if (exchange.body.untouched()) ask_for_body(exchange.client, exchange.request);
}

/// Makes the proof for the attempt's token; empty if the token needs none.
base::Result<std::string_view> prove(Exchange& exchange, std::string_view head) {
  const token::Token& token = *exchange.progress.token;
  if (!token.binding) return std::string_view();
  const std::string_view method = head.substr(0, head.find(' '));
  head.remove_prefix(method.size() + 1);
  exchange.progress.rare().nonce = exchange.route.nonce.number();
  return exchange.route.token.prover(token).prove({.method = method,
                                                   .origin = exchange.route.shared.origin,
                                                   .target = head.substr(0, head.find(' ')),
                                                   .token_digest = token.digest,
                                                   .nonce = exchange.route.nonce.value(),
                                                   .now = exchange.context().wall()});
}

}  // namespace

net::Task<base::Result<void>> await_body(Exchange& exchange, const Attempt& attempt) {
  Downstream& client = exchange.client;
  wanted(exchange);
  IdleTimer silence{exchange.now()};
  bool late = false;
  for (;;) {
    const std::uint64_t length = exchange.request.framing.length;
    while (client.in.size() < length) {
      const net::Io io = client.stream->read(client.in.room(length - client.in.size()));
      if (io.blocked()) break;
      if (!io.ok()) co_return Error{Errc::client_left, ""};
      client.in.filled(io.bytes);
    }
    if (client.in.size() >= length) co_return {};
    silence.note(client.in.size(), exchange.now());
    if (late && silence.late(exchange.options().idle_timeout, exchange.now()))
      co_return too_late(attempt);
    const net::Wait wait = exchange.until(silence.deadline(exchange.options().idle_timeout));
    const Wake woke = co_await wait.next();
    if (woke == Wake::peer_closed || !client.out.flush(*client.stream))
      co_return Error{Errc::client_left, ""};
    late = woke == Wake::timed_out;
  }
}

Hearing::Hearing(Exchange& exchange, Attempt& attempt, base::Result<void>& heard)
    : exchange_(exchange),
      attempt_(attempt),
      heard_(heard),
      upload_{exchange.now()},
      head_{exchange.now()} {
  wanted(exchange);
  const Download* download = exchange.progress.download();
  const std::string_view head =
      download ? std::string_view(download->request_head) : exchange.request.head.view();
  const base::Result<std::string_view> proof = prove(exchange, head);
  if (!proof) {
    fails(proof.error());
    return;
  }
  const Authorization authorization{exchange.progress.token->value.reveal(), *proof};
  up_ = download ? attempt.send_for_rest(head, authorization) : attempt.send(authorization);
  upload_.progress = attempt.upload_progress();
  head_.progress = attempt.heard();
}

bool Hearing::fails(Error why) {
  heard_ = std::move(why);
  return false;
}

bool Hearing::goes_on() {
  if (!heard_) return false;
  heard_ = check_upload(exchange_, up_);
  if (!heard_) return false;
  // An upstream that takes no more of the request may have said why.
  switch (attempt_.poll_response_head()) {
    case Attempt::HeadState::head: return false;
    case Attempt::HeadState::malformed: return fails(malformed(exchange_, attempt_));
    case Attempt::HeadState::lost: return fails(lost(exchange_, attempt_));
    case Attempt::HeadState::again: exchange_.client.sleeper.wake(); break;
    case Attempt::HeadState::nothing: break;
  }
  head_.note(attempt_.heard(), exchange_.now());
  deadline_ = late_at(exchange_, attempt_, upload_, head_);
  if (late_ && exchange_.now() >= deadline_) return fails(too_late(attempt_));
  if (up_ == TransferState::again) exchange_.client.sleeper.wake();
  return true;
}

void Hearing::go_on(Wake woke) {
  // Sends what is left of an interim response, such as a 100.
  const bool left =
      woke == Wake::peer_closed || !exchange_.client.out.flush(*exchange_.client.stream);
  if (left) {
    fails({Errc::client_left, ""});
    return;
  }
  if (!attempt_.uploaded() && up_ != TransferState::receiver_left) up_ = attempt_.upload();
  upload_.note(attempt_.upload_progress(), exchange_.now());
  exchange_.moved(attempt_.upload_progress());
  // Reads what has come before calling it late: the process, or the laptop, may have slept.
  late_ = woke == Wake::timed_out;
}

}  // namespace bearer::relay
