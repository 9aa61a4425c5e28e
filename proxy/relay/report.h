// Reports what happens on the data plane to the counters, the list of requests and the observer. On
// the loop's thread.
#pragma once

#include <string_view>

#include "relay/exchange_state.h"
#include "relay/loop_context.h"
#include "relay/replies/local_reply.h"
#include "relay/request.h"
#include "relay/retry_policy.h"

namespace bearer::relay {

/// An attempt begins. If its span is recorded, the request's traceparent names that span.
void report_attempt_began(Exchange& exchange);
/// The current attempt has ended, and `next` is the decision. `detail` is for a person.
void report_attempt(Exchange& exchange, const Outcome& outcome, const Decision& next,
                    std::string_view detail);
/// The request's body can no longer be sent again, because of this machine's disk or its limits.
[[gnu::cold]] void report_body_not_kept(const Exchange& exchange, const base::Error& why);
/// The request is not sent again, because there is no other token. The rejection is relayed.
[[gnu::cold]] void report_not_replayed(const Exchange& exchange, const base::Error& why);
/// An answer holds links that lead past the proxy. Told once a route.
[[gnu::cold]] void report_links(const Exchange& exchange);
/// The client has a part of the response, and gets no more of it.
[[gnu::cold]] void report_cut(Exchange& exchange, const base::Error& why);
/// The client has a success, and the upstream gets no more of the request.
[[gnu::cold]] void report_upload_cut(const Exchange& exchange, const base::Error& why);
/// The exchange is over.
void report_end(Exchange& exchange);

/// A reply of the proxy's own.
[[gnu::cold]] void report_reply(LoopContext& context, const Request& request,
                                const LocalReply& reply);
/// A request was refused before its exchange began.
[[gnu::cold]] void report_refusal(LoopContext& context, const ExchangeEnd& end);

/// A process of a user who may not connect has connected.
[[gnu::cold]] void report_peer_refused(LoopContext& context, const net::Peer& peer);
/// A client's HTTP/2 connection was ended because of the client's fault.
[[gnu::cold]] void report_http2_failed(LoopContext& context, std::string_view why);
/// There is no place for another client now.
[[gnu::cold]] void report_no_place(LoopContext& context, std::size_t clients);
[[gnu::cold]] void report_accepting_failed(LoopContext& context, int error);
/// Accepting on its loop has not failed for a while.
[[gnu::cold]] void report_accepting_recovered(LoopContext& context);

}  // namespace bearer::relay
