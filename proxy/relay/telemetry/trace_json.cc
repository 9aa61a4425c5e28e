#include "relay/telemetry/trace_json.h"

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string_view>

#include "base/json.h"
#include "http/host_field.h"
#include "http/message.h"

namespace bearer::relay {
namespace {

// Numbers of the protocol's enumerations.
constexpr int kServer = 2, kClient = 3;  // SpanKind
constexpr int kError = 2;                // StatusCode

/// Appends `"key":`, with a comma before it unless it is the first member.
void append_key(std::string& out, std::string_view key) {
  if (!out.ends_with('{')) out += ',';
  out.append("\"").append(key).append("\":");
}

/// Appends a text of our own, which needs no escaping. Most of a span is such text.
void append_plain(std::string& out, std::string_view key, std::string_view text) {
  append_key(out, key);
  out.append("\"").append(text).append("\"");
}

void append_member(std::string& out, std::string_view key, std::string_view text) {
  append_key(out, key);
  base::append_json_string(out, text);
}

/// A list of KeyValue. Numbers of 64 bits are strings, as protobuf's JSON has them.
class Attributes {
 public:
  explicit Attributes(std::string& out) : out_(out) {
    append_key(out_, "attributes");
    out_ += '[';
  }
  Attributes(const Attributes&) = delete;
  Attributes& operator=(const Attributes&) = delete;
  ~Attributes() { out_ += ']'; }

  void text(std::string_view key, std::string_view value) {
    open(key);
    append_member(out_, "stringValue", value);
    close();
  }
  void plain(std::string_view key, std::string_view value) {
    open(key);
    append_plain(out_, "stringValue", value);
    close();
  }
  void number(std::string_view key, std::int64_t value) {
    open(key);
    append_plain(out_, "intValue", std::to_string(value));
    close();
  }
  void flag(std::string_view key, bool value) {
    open(key);
    append_key(out_, "boolValue");
    out_ += value ? "true" : "false";
    close();
  }
  void seconds(std::string_view key, base::Duration value) {
    open(key);
    append_key(out_, "doubleValue");
    char digits[32];
    std::snprintf(digits, sizeof digits, "%.6f", std::chrono::duration<double>(value).count());
    out_ += digits;
    close();
  }

 private:
  void open(std::string_view key) {
    out_ += out_.ends_with('[') ? "{" : ",{";
    append_plain(out_, "key", key);
    append_key(out_, "value");
    out_ += '{';
  }
  void close() { out_ += "}}"; }

  std::string& out_;
};

void append_moment(std::string& out, std::string_view key, base::WallTime moment) {
  append_plain(out, key, std::to_string(moment.time_since_epoch().count()));
}

template <typename Id>
void append_id(std::string& out, std::string_view key, const Id& id) {
  append_plain(out, key, {id.data(), id.size()});
}

/// Appends the status of a failed span. A span without a failure has none: unset.
void append_error(std::string& out) {
  append_key(out, "status");
  out += "{\"code\":" + std::to_string(kError) + "}";
}

bool is_known(const Trace& trace) {
  return http::method(trace.method) != http::Method::other;
}

void add_method(Attributes& attributes, const Trace& trace) {
  attributes.plain("http.request.method", is_known(trace) ? trace.method : "_OTHER");
  if (!is_known(trace)) attributes.text("http.request.method_original", trace.method);
}

/// The name of a span. The conventions want no path in it.
std::string span_name(const Trace& trace, std::string_view route) {
  std::string name = is_known(trace) ? trace.method : "HTTP";
  if (!route.empty()) name.append(" ").append(route);
  return name;
}

void append_head(std::string& out, const Trace& trace, const SpanId& id, const SpanId* parent,
                 const std::string& name, int kind) {
  out += out.ends_with('[') ? "{" : ",{";
  append_id(out, "traceId", trace.context.trace);
  append_id(out, "spanId", id);
  if (parent) append_id(out, "parentSpanId", *parent);
  append_member(out, "name", name);
  append_key(out, "kind");
  out += std::to_string(kind);
}

void append_times(std::string& out, base::WallTime began, base::Duration took) {
  append_moment(out, "startTimeUnixNano", began);
  append_moment(out, "endTimeUnixNano", began + took);
}

void append_attempt(std::string& out, const Trace& trace, const AttemptSpan& attempt) {
  append_head(out, trace, attempt.id, &trace.context.span, span_name(trace, {}), kClient);
  append_times(out, trace.began + attempt.began, attempt.took);
  {
    Attributes attributes(out);
    add_method(attributes, trace);
    attributes.text("server.address", trace.upstream.host);
    attributes.number("server.port", trace.upstream.port);
    attributes.text("url.full", trace.upstream.origin() + trace.upstream_path);
    if (attempt.number > 1) attributes.number("http.request.resend_count", attempt.number - 1);
    if (attempt.status != 0) attributes.number("http.response.status_code", attempt.status);
    if (attempt.fault) {
      attributes.plain("error.type", base::name(*attempt.fault));
    } else if (attempt.status >= 400) {
      attributes.plain("error.type", std::to_string(attempt.status));
    }
    attributes.plain("bearer_proxy.attempt.cause",
                     kCauseNames[static_cast<std::size_t>(attempt.cause)]);
  }
  if (attempt.fault || attempt.status >= 400) append_error(out);
  out += '}';
}

void append_waits(std::string& out, const Trace& trace) {
  if (trace.waits.empty()) return;
  append_key(out, "events");
  out += '[';
  for (const WaitSpan& wait : trace.waits) {
    out += out.ends_with('[') ? "{" : ",{";
    append_moment(out, "timeUnixNano", trace.began + wait.began);
    append_plain(out, "name", "bearer_proxy.wait");
    {
      Attributes attributes(out);
      attributes.plain("bearer_proxy.wait.reason", name(wait.reason));
      attributes.seconds("bearer_proxy.wait.seconds", wait.took);
    }
    out += '}';
  }
  out += ']';
  if (trace.waits_left_out == 0) return;
  append_key(out, "droppedEventsCount");
  out += std::to_string(trace.waits_left_out);
}

/// The class of failure for a 5xx and for an answer that its client did not get whole; else empty.
std::string error_type(const Trace& trace) {
  if (trace.status == 0) return "client_left";
  if (trace.status >= 500)
    return trace.error.empty() ? std::to_string(trace.status) : std::string(trace.error);
  return trace.whole ? "" : "cut_short";
}

void append_request(std::string& out, const Trace& trace) {
  const TraceContext& context = trace.context;
  append_head(out, trace, context.span, context.continued ? &context.parent : nullptr,
              span_name(trace, trace.route), kServer);
  append_times(out, trace.began, trace.took);
  const std::string error = error_type(trace);
  {
    Attributes attributes(out);
    add_method(attributes, trace);
    attributes.text("url.path", trace.path);
    attributes.plain("url.scheme", "http");
    if (const auto host = http::parse_host(trace.authority)) {
      attributes.text("server.address", host->name);
      if (host->port != 0) attributes.number("server.port", host->port);
    }
    if (!trace.route.empty()) attributes.text("http.route", trace.route);
    if (trace.status != 0) attributes.number("http.response.status_code", trace.status);
    if (!error.empty()) attributes.plain("error.type", error);
    attributes.text("bearer_proxy.request.id", trace.id);
    attributes.number("bearer_proxy.attempts", trace.attempts_made);
    attributes.flag("bearer_proxy.own_reply", !trace.error.empty());
  }
  append_waits(out, trace);
  if (!error.empty()) append_error(out);
  out += '}';
}

}  // namespace

std::string trace_json(std::span<const std::unique_ptr<Trace>> traces,
                       const TraceResource& resource) {
  std::string out = R"({"resourceSpans":[{"resource":{)";
  {
    Attributes attributes(out);
    attributes.text("service.name", resource.service);
    attributes.text("service.version", resource.version);
    attributes.text("service.instance.id", resource.instance);
  }
  out += R"(},"scopeSpans":[{"scope":{"name":"bearer-proxy")";
  append_member(out, "version", resource.version);
  out += R"(},"spans":[)";
  for (const std::unique_ptr<Trace>& trace : traces) {
    append_request(out, *trace);
    for (const AttemptSpan& attempt : trace->attempts) append_attempt(out, *trace, attempt);
  }
  out += "]}]}]}";
  return out;
}

}  // namespace bearer::relay
