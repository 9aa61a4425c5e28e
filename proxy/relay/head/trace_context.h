// Which trace a request belongs to (W3C Trace Context): what its `traceparent` says, and what ours
// says to the upstream.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "http/fields.h"
#include "relay/head/request_id.h"

namespace bearer::relay {

/// Of a span: its id in lower-case hexadecimal digits.
using SpanId = std::array<char, 16>;

/// Of a request whose spans are told, and whose upstream gets a traceparent of ours. A value
/// without allocation.
struct TraceContext {
  bool continued = false;  ///< the trace began before us, with the span `parent`
  std::array<char, 32> trace{};
  SpanId parent{};
  SpanId span{};  ///< the request's own
};

/// What a traceparent says, as views into its value.
struct TraceParent {
  std::string_view trace, span;
  bool sampled = false;
};

/// Strictly by section 3.2 of the recommendation: lower-case digits, no id of zeros, version 00 to
/// its last character. Of a later version what stands where version 00 has it.
std::optional<TraceParent> parse_trace_parent(std::string_view value);

/// The context of a request with these fields and this id, for a proxy that tells spans. A trace
/// that somebody decided not to sample passes as it came: then there is none. Without a
/// traceparent, and with one that is malformed or stands there twice, a trace begins here.
std::optional<TraceContext> read_trace(const http::FieldList& fields, RequestIds& ids,
                                       const RequestId& id);

/// True for a field of the client's that ours stands in place of: its traceparent, and the
/// tracestate of a trace that we do not continue.
bool is_replaced(const http::Field& field, const TraceContext& context);

/// Appends our traceparent, with the request's own span as the sender.
void append_trace_parent(std::string& head, const TraceContext& context);

/// Names another span as the sender in `head`, which may lack a traceparent of ours.
void put_sender(std::span<char> head, const SpanId& span);

}  // namespace bearer::relay
