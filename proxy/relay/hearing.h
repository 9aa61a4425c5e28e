// One attempt from its first byte to the head of the response.
#pragma once

#include <cstdint>

#include "base/clock.h"
#include "base/result.h"
#include "http/framing.h"
#include "net/task.h"
#include "net/wait.h"
#include "relay/attempt.h"
#include "relay/body/idle_timer.h"
#include "relay/body/transfer.h"
#include "relay/exchange_state.h"

namespace bearer::relay {

/// True if the whole body is to be here before the request is sent. It is a short one whose links
/// are rewritten: then its new length is known, and the upstream need not take chunks.
inline bool must_await_body(const Exchange& exchange) {
  constexpr std::uint64_t kBytesMax = 64u << 10;  // a Transfer takes them at once
  const http::Framing& framing = exchange.request.framing;
  return !exchange.request.relinked_type.empty() && framing.kind == http::Framing::Kind::length &&
         framing.length <= kBytesMax && exchange.body.untouched() &&
         exchange.client.in.size() < framing.length;
}
/// Waits until the client has sent all of it. Errc: client_left, request_timeout. REQUIRES:
/// must_await_body(), and the attempt has no connection yet.
[[gnu::cold]] net::Task<base::Result<void>> await_body(Exchange& exchange, const Attempt& attempt);

/// Sends the request, and reads until the response's head is complete. Every request does this, so
/// it is no coroutine of its own:
///
///     for (Hearing hearing(exchange, attempt, heard); hearing.goes_on();) {
///       const net::Wait wait = hearing.wait();
///       const net::Wake woke = co_await wait.next();
///       hearing.go_on(woke);
///     }
///
/// The arguments outlive it.
class Hearing {
 public:
  /// Sends the head, and what has come of the body. A fault is written to `heard`. Errc: those of
  /// Outcome::fault, client_left. REQUIRES: the attempt has its connection, and `heard` no fault.
  Hearing(Exchange& exchange, Attempt& attempt, base::Result<void>& heard);

  /// False once the head or a fault is there.
  bool goes_on();
  net::Wait wait() const { return exchange_.until(deadline_); }
  /// The wait has ended. Sends more of the request.
  void go_on(net::Wake woke);

 private:
  bool fails(base::Error why);

  Exchange& exchange_;
  Attempt& attempt_;
  base::Result<void>& heard_;
  TransferState up_{};
  IdleTimer upload_, head_;
  base::Instant deadline_{};
  bool late_ = false;
};

}  // namespace bearer::relay
