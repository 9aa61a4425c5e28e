// The trace that a request belongs to (W3C Trace Context): reads its `traceparent`, and writes ours
// for the upstream.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "http/fields.h"
#include "relay/head/request_id.h"

namespace bearer::relay {

/// A span's id in lower-case hexadecimal digits.
using SpanId = std::array<char, 16>;

/// The trace of a request whose upstream gets a traceparent of ours. A value without allocation.
struct TraceContext {
  bool sampled = false;    ///< its spans go to the collector, and the traceparent says so
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

/// Decides which of the traces that begin here are sampled. It takes a share of them by the trace's
/// id alone, so that all programs with the same share decide alike. It follows OpenTelemetry's
/// specification of probability sampling: the last 56 bits of the id are random, and traces from a
/// threshold on are taken.
class TraceSample {
 public:
  /// `share` is from 0 to 1.
  explicit TraceSample(double share = 1);
  bool takes(const std::array<char, 32>& trace) const;

 private:
  std::uint64_t threshold_;
};

/// Returns the context of a request with these fields and this id, for a proxy that tells spans. A
/// decision that was made before us holds: a trace that is not sampled passes as it came, and has
/// no context. If there is no traceparent, or it is malformed or comes twice, a trace begins here,
/// and `sample` decides.
std::optional<TraceContext> read_trace(const http::FieldList& fields, const TraceSample& sample,
                                       RequestIds& ids, const RequestId& id);

/// True for a client's field that ours replaces: its traceparent, and the tracestate of a trace
/// that we do not continue.
bool is_replaced(const http::Field& field, const TraceContext& context);

/// Appends our traceparent, with the request's own span as the sender.
void append_trace_parent(std::string& head, const TraceContext& context);

/// Names another span as the parent in `head`, which may lack a traceparent of ours.
void put_sender(std::span<char> head, const SpanId& span);

}  // namespace bearer::relay
