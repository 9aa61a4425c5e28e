#include "relay/head/trace_context.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "http/head_parser.h"

using namespace bearer;
using relay::parse_trace_parent;
using relay::RequestId;
using relay::RequestIds;
using relay::TraceContext;
using relay::TraceSample;

namespace {

const std::string kTrace = "7c3e1a90b5d84f26a1e0c9f3d27b6581";
const std::string kSpan = "91b0f7a4c2d3e586";

std::string parent(const std::string& flags = "01") {
  return "00-" + kTrace + "-" + kSpan + "-" + flags;
}

template <typename Digits>
std::string text(const Digits& digits) {
  return {digits.data(), digits.size()};
}

struct Reading {
  /// The context of a request with these field lines.
  std::optional<TraceContext> of(const std::string& lines) {
    http::FieldList fields;
    REQUIRE(http::parse_field_lines(lines, fields) == http::HeadFault::none);
    ids.choose(fields, id);
    return relay::read_trace(fields, sample, ids, id);
  }
  RequestIds ids;
  RequestId id;
  TraceSample sample;
};

}  // namespace

TEST_CASE("a traceparent is taken apart") {
  const std::string value = parent();
  const auto sampled = parse_trace_parent(value);
  REQUIRE(sampled.has_value());
  CHECK(sampled->trace == kTrace);
  CHECK(sampled->span == kSpan);
  CHECK(sampled->sampled);
  CHECK_FALSE(parse_trace_parent(parent("02"))->sampled);
  CHECK(parse_trace_parent(parent("0b"))->sampled);
}

TEST_CASE("a later version is read as far as it is like this one") {
  const std::string rest = parent().substr(2);
  CHECK(parse_trace_parent("5c" + rest).has_value());
  CHECK(parse_trace_parent("5c" + rest + "-more").has_value());
  CHECK_FALSE(parse_trace_parent("5c" + rest + "more").has_value());
  CHECK_FALSE(parse_trace_parent("ff" + rest).has_value());
}

TEST_CASE("a traceparent that is anything else is none") {
  const std::string zeros(32, '0');
  for (const std::string& value :
       {std::string(), parent() + "-", parent() + " ", parent() + "0", parent().substr(0, 54),
        "00-" + zeros + "-" + kSpan + "-01", "00-" + kTrace + "-0000000000000000-01",
        "00_" + kTrace + "-" + kSpan + "-01", "00-" + kTrace + "_" + kSpan + "-01",
        "00-" + kTrace + "-" + kSpan + "_01", parent("0g"), parent("0A"), parent("-1"),
        "0x" + parent().substr(2), "00-7C3e1a90b5d84f26a1e0c9f3d27b6581-" + kSpan + "-01",
        "00-7c3e1a90b5d84f26a1e0c9f3d27b658 -" + kSpan + "-01"}) {
    CAPTURE(value);
    CHECK_FALSE(parse_trace_parent(value).has_value());
  }
}

TEST_CASE_FIXTURE(Reading, "a sampled trace is continued, with a span of our own") {
  const TraceContext context = *of("TraceParent: " + parent() + "\r\ntracestate: a=1\r\n");
  CHECK(context.continued);
  CHECK(text(context.trace) == kTrace);
  CHECK(text(context.parent) == kSpan);
  CHECK(text(context.span) != kSpan);
  CHECK_FALSE(relay::is_replaced({"tracestate", "a=1"}, context));
  CHECK(relay::is_replaced({"TraceParent", "x"}, context));
  CHECK_FALSE(relay::is_replaced({"traceparent-x", "x"}, context));
}

TEST_CASE_FIXTURE(Reading, "a trace that is not sampled is none of ours") {
  CHECK_FALSE(of("traceparent: " + parent("00") + "\r\n").has_value());
}

TEST_CASE("of the traces that begin here a share is told, by the last 56 bits of their ids") {
  const auto takes = [](double share, std::string_view last) {
    std::array<char, 32> trace;
    trace.fill('f');  // what stands before decides nothing
    std::ranges::copy(last, trace.end() - static_cast<std::ptrdiff_t>(last.size()));
    return TraceSample(share).takes(trace);
  };
  CHECK(takes(1, "00000000000000"));
  CHECK(takes(0.25, "c0000000000000"));
  CHECK_FALSE(takes(0.25, "bfffffffffffff"));
  CHECK(takes(0.0625, "f0000000000000"));
  CHECK_FALSE(takes(0.0625, "ef000000000000"));
  CHECK_FALSE(takes(0, "ffffffffffffff"));
}

TEST_CASE_FIXTURE(Reading, "a share of many traces is about that share") {
  sample = TraceSample(0.2);
  int taken = 0;
  for (int i = 0; i < 5000; ++i) taken += of("")->sampled;
  CHECK(taken > 850);  // five deviations on either side
  CHECK(taken < 1150);
}

TEST_CASE_FIXTURE(Reading, "what came with the request decides, whatever the share is") {
  sample = TraceSample(0);
  CHECK(of("traceparent: " + parent() + "\r\n")->sampled);
  sample = TraceSample(1);
  CHECK_FALSE(of("traceparent: " + parent("00") + "\r\n").has_value());
}

TEST_CASE_FIXTURE(Reading, "a trace that begins here and is not sampled says so to the upstream") {
  sample = TraceSample(0);
  const TraceContext context = of("traceparent: odd\r\n").value();
  CHECK_FALSE(context.sampled);
  std::string head;
  relay::append_trace_parent(head, context);
  CHECK(head == "traceparent: 00-" + text(context.trace) + "-" + text(context.span) + "-00\r\n");
  const std::string value = head.substr(13, 55);
  CHECK_FALSE(parse_trace_parent(value)->sampled);
}

TEST_CASE_FIXTURE(Reading, "without a sound traceparent a trace begins, and its state is dropped") {
  for (const std::string& lines :
       {std::string(), std::string("traceparent: 00-odd\r\n"),
        "traceparent: " + parent() + "\r\ntraceparent: " + parent() + "\r\n"}) {
    CAPTURE(lines);
    const TraceContext context = *of(lines);
    CHECK_FALSE(context.continued);
    CHECK(text(context.trace) == id.view());  // who finds the one finds the other
    CHECK(relay::is_replaced({"TraceState", "a=1"}, context));
  }
}

TEST_CASE_FIXTURE(Reading, "a client's own id is not its trace: it may send it twice") {
  const std::string line = "X-Request-Id: " + kTrace + "\r\n";
  const TraceContext one = *of(line), other = *of(line);
  CHECK(id.view() == kTrace);
  CHECK(text(one.trace) != kTrace);
  CHECK(text(one.trace) != text(other.trace));
}

TEST_CASE_FIXTURE(Reading, "each attempt is named as the sender in the same head") {
  const TraceContext context = *of("traceparent: " + parent() + "\r\n");
  std::string head = "GET / HTTP/1.1\r\nX: traceparent: 00-\r\n";
  relay::append_trace_parent(head, context);
  head += "Via: 1.1 bearer-proxy\r\n";
  const std::string line = "traceparent: 00-" + kTrace + "-";
  CHECK(head.find("\r\n" + line + text(context.span) + "-01\r\nVia") != std::string::npos);
  relay::SpanId span;
  ids.make_half(span);
  const std::size_t size = head.size();
  relay::put_sender(head, span);
  CHECK(head.size() == size);
  CHECK(head.find("\r\n" + line + text(span) + "-01\r\nVia") != std::string::npos);
  std::string other = "GET / HTTP/1.1\r\n";
  relay::put_sender(other, span);
  CHECK(other == "GET / HTTP/1.1\r\n");
}
