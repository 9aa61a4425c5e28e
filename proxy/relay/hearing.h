// One attempt from its first byte to the head of the response.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "net/wait.h"
#include "relay/attempt.h"
#include "relay/body/idle_timer.h"
#include "relay/body/transfer.h"
#include "relay/exchange_state.h"

namespace bearer::relay {

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
