#include "relay/head/trace_context.h"

#include <algorithm>
#include <cassert>
#include <charconv>
#include <cmath>

#include "base/text.h"

namespace bearer::relay {
namespace {

constexpr std::string_view kName = "traceparent";
constexpr std::string_view kLineStart = "traceparent: 00-";
constexpr std::size_t kTraceDigits = 32, kSpanDigits = 16;
constexpr std::size_t kRandomDigits = 14;  // of a trace's id, at its end
// Offsets in `00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01`.
constexpr std::size_t kTraceAt = 3, kSpanAt = 36, kFlagsAt = 53, kBytes = 55;

bool all_digits(std::string_view text) {
  return std::ranges::all_of(text,
                             [](char c) { return base::is_digit(c) || (c >= 'a' && c <= 'f'); });
}

bool is_id(std::string_view text) {
  return all_digits(text) && text.find_first_not_of('0') != std::string_view::npos;
}

/// The value of the only traceparent; nullopt if there is none, or more than one.
std::optional<std::string_view> only_trace_parent(const http::FieldList& fields) {
  std::optional<std::string_view> value;
  for (const http::Field& field : fields) {
    if (field.id != http::FieldName::other || !base::iequals(field.name, kName)) continue;
    if (value) return std::nullopt;
    value = field.value;
  }
  return value;
}

/// Begins a trace here. If the request's id is ours, it is the trace's id too, so that either can
/// be found in a log by the other.
void begin_trace(const http::FieldList& fields, RequestIds& ids, const RequestId& id,
                 TraceContext& context) {
  RequestId made;
  const bool ours = !fields.has(http::FieldName::x_request_id) && id.view().size() == kTraceDigits;
  if (!ours) ids.make(made);
  std::ranges::copy(ours ? id.view() : made.view(), context.trace.begin());
}

}  // namespace

std::optional<TraceParent> parse_trace_parent(std::string_view value) {
  if (value.size() < kBytes) return std::nullopt;
  const std::string_view version = value.substr(0, 2), flags = value.substr(kFlagsAt, 2);
  const TraceParent parent{value.substr(kTraceAt, kTraceDigits), value.substr(kSpanAt, kSpanDigits),
                           base::hex_digit(flags[1]) % 2 == 1};
  if (!all_digits(version) || version == "ff" || !all_digits(flags)) return std::nullopt;
  for (const std::size_t dash : {kTraceAt, kSpanAt, kFlagsAt}) {
    if (value[dash - 1] != '-') return std::nullopt;
  }
  const bool longer = value.size() > kBytes;
  if (longer && (version == "00" || value[kBytes] != '-')) return std::nullopt;
  if (!is_id(parent.trace) || !is_id(parent.span)) return std::nullopt;
  return parent;
}

TraceSample::TraceSample(double share)
    : threshold_(static_cast<std::uint64_t>(std::llround((1 - share) * 0x1p56))) {
  assert(share >= 0 && share <= 1);
}

bool TraceSample::takes(const std::array<char, 32>& trace) const {
  std::uint64_t random = 0;
  const char* end = trace.data() + trace.size();
  std::from_chars(end - kRandomDigits, end, random, 16);
  return random >= threshold_;
}

std::optional<TraceContext> read_trace(const http::FieldList& fields, const TraceSample& sample,
                                       RequestIds& ids, const RequestId& id) {
  std::optional<TraceParent> parent;
  if (const auto value = only_trace_parent(fields)) parent = parse_trace_parent(*value);
  if (parent && !parent->sampled) return std::nullopt;
  TraceContext context;
  context.continued = parent.has_value();
  if (parent) {
    std::ranges::copy(parent->trace, context.trace.begin());
    std::ranges::copy(parent->span, context.parent.begin());
  } else {
    begin_trace(fields, ids, id, context);
  }
  context.sampled = parent || sample.takes(context.trace);
  ids.make_half(context.span);
  return context;
}

bool is_replaced(const http::Field& field, const TraceContext& context) {
  if (field.id != http::FieldName::other) return false;
  return base::iequals(field.name, kName) ||
         (!context.continued && base::iequals(field.name, "tracestate"));
}

void append_trace_parent(std::string& head, const TraceContext& context) {
  head.append(kLineStart).append(context.trace.data(), kTraceDigits).append("-");
  head.append(context.span.data(), kSpanDigits).append(context.sampled ? "-01\r\n" : "-00\r\n");
}

void put_sender(std::span<char> head, const SpanId& span) {
  // No value contains a line break, so this is a line's start.
  const std::size_t line = std::string_view(head.data(), head.size()).find("\r\ntraceparent: 00-");
  if (line == std::string_view::npos) return;
  const std::size_t at = line + 2 + kLineStart.size() + kTraceDigits + 1;
  std::ranges::copy(span, head.subspan(at, kSpanDigits).begin());
}

}  // namespace bearer::relay
