// The trace that a request belongs to (W3C Trace Context): reads its `traceparent`, and writes ours
// for the upstream.
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

/// A span's id in lower-case hexadecimal digits.
using SpanId = std::array<char, 16>;

/// A value without allocation.
struct TraceContext {
  bool traced = false;     ///< its spans are sent, and the upstream gets our traceparent
  bool continued = false;  ///< the trace began before us, with the span `parent`
  std::array<char, 32> trace{};
  SpanId parent{};
  SpanId span{};  ///< the request's own
};

/// The parts of a traceparent, as views into its value.
struct TraceParent {
  std::string_view trace, span;
  bool sampled = false;
};

/// Parses strictly by section 3.2 of the recommendation: lower-case digits, no id of zeros, version
/// 00 to its last character. A later version is read by the positions of version 00.
std::optional<TraceParent> parse_trace_parent(std::string_view value);

/// The context of a request with these fields and this id, for a proxy that sends spans. A trace
/// that somebody decided not to sample is forwarded as it came, and is not traced. If there is no
/// traceparent, or a malformed one, or several, a trace begins here.
void read_trace(const http::FieldList& fields, RequestIds& ids, const RequestId& id,
                TraceContext& context);

/// True for a client's field that ours replaces: its traceparent, and the tracestate of a trace
/// that we do not continue. REQUIRES: the context is traced.
bool is_replaced(const http::Field& field, const TraceContext& context);

/// Appends our traceparent, with the request's own span as the parent. REQUIRES: as before.
void append_trace_parent(std::string& head, const TraceContext& context);

/// Names another span as the parent in `head`, which may lack a traceparent of ours.
void put_sender(std::span<char> head, const SpanId& span);

}  // namespace bearer::relay
