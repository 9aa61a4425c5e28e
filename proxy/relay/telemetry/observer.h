// The interface through which the data plane's events reach the log; report.h tells counters, lists
// and traces of them beside it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/clock.h"
#include "net/peer.h"
#include "relay/replies/local_reply.h"
#include "relay/request.h"
#include "relay/retry_policy.h"
#include "relay/telemetry/cause.h"
#include "relay/telemetry/cut_reason.h"
#include "relay/telemetry/wait_times.h"

namespace bearer::relay {

/// One attempt, and the decision that followed.
struct AttemptEnd {
  const Request& request;
  int attempt;  ///< from 1
  Cause cause;  ///< why it was made
  const Outcome& outcome;
  const Decision& decision;
  std::string_view detail;  ///< about the fault, or the upstream's challenge; may be empty
  base::Instant now;        ///< when it ended
};

/// A request that was answered, or whose client left.
struct ExchangeEnd {
  const Request& request;  ///< without a route if it was refused before it had one
  int status = 0;          ///< as the client got it; 0 if it left before
  int attempts = 0;
  base::Duration took{};
  base::Duration waited{};             ///< of it
  std::uint64_t token_generation = 0;  ///< of the last attempt's token; 0: there was no attempt
  std::uint64_t request_bytes = 0, response_bytes = 0;  ///< of the bodies
  std::string_view error = {};  ///< of Proxy-Status if the answer is our own; a literal
  int resumed = 0;              ///< how often a download broke off and went on
  bool whole = false;  ///< false if the answer was cut short, or nobody was left to take it
  CutReason cut = CutReason::client_left;  ///< why, if it is not whole
};

/// Called on the loops' threads, several at once. Must not block for long: requests wait for it.
class Observer {
 public:
  virtual ~Observer() = default;
  /// Called for every attempt, also for one that succeeded at once.
  virtual void attempt_ended(const AttemptEnd& end) = 0;
  /// A reply of the proxy's own. `request.target` is empty if its head could not be read.
  virtual void replied(const Request& request, const LocalReply& reply, base::Instant now) = 0;
  virtual void exchange_ended(const ExchangeEnd& end) = 0;
  /// The body of `request` cannot be replayed, because of this machine's disk or its limits.
  virtual void body_not_kept(const Request& request, const base::Error& why) = 0;
  /// A request is held for longer than its client may expect, and still waits.
  virtual void held(const Request& request, const WaitUnderWay& wait, base::Instant now) = 0;
  /// The client has a part of a response, and gets no more of it.
  virtual void response_cut(const Request& request, const base::Error& why) = 0;
  /// The client has a success, but the upstream did not get all of the request.
  virtual void upload_cut(const Request& request, const base::Error& why) = 0;
  /// The token of `request` was rejected, and there is no other token to send it with.
  virtual void not_replayed(const Request& request, const base::Error& why) = 0;
  /// The answer to `request` holds links to the upstream, which are not rewritten.
  virtual void links_lead_away(const Request& request) = 0;
  /// A process of this machine connected, and may not.
  virtual void peer_refused(const net::Peer& peer, base::Instant now) = 0;
  /// A client's HTTP/2 connection was ended with all its streams, because of the client's fault.
  virtual void http2_failed(std::string_view why, base::Instant now) = 0;
  /// A client waits in the accept queue: `clients` have taken all of a loop's places, and none of
  /// them is idle.
  virtual void no_place(std::size_t clients, base::Instant now) = 0;
  /// No client can be accepted for now, mostly for lack of descriptors; they wait in the accept
  /// queue. `error` is an errno.
  virtual void accepting_failed(int error, base::Instant now) = 0;
  /// Accepting has not failed for a while on one loop.
  virtual void accepting_recovered(base::Instant now) = 0;
};

}  // namespace bearer::relay
