#include "relay/telemetry/trace.h"

#include <algorithm>
#include <utility>

#include "http/target.h"
#include "relay/route.h"

namespace bearer::relay {
namespace {

/// Makes room for one more item. True if it had to remove one.
template <typename Item>
bool leave_out_oldest(std::vector<Item>& items, std::size_t most) {
  if (items.size() < most) return false;
  items.erase(items.begin());
  return true;
}

/// The path in the head that is sent to the upstream.
std::string_view sent_path(const Request& request) {
  std::string_view target = request.head;
  target.remove_prefix(std::min(target.size(), request.method_text().size() + 1));
  return http::path_of(target.substr(0, target.find(' '))).substr(0, Trace::kPathBytesMax);
}

void fill_in(Trace& trace, const ExchangeEnd& end, base::WallTime wall) {
  const Request& request = end.request;
  trace.context = *request.trace;
  trace.began = wall - end.took;
  trace.took = end.took;
  trace.method = request.method_text().substr(0, Trace::kPathBytesMax);
  trace.path = request.path().substr(0, Trace::kPathBytesMax);
  trace.id = request.id_text();
  trace.authority = request.authority;
  if (request.route) trace.route = request.route->label;
  trace.status = end.status;
  trace.error = end.error;
  trace.whole = end.whole;
  trace.attempts_made = end.attempts;
}

}  // namespace

void TraceRecorder::attempt_began(const SpanId& span, base::Instant now) {
  leave_out_oldest(trace_->attempts, Trace::kAttemptsMax);
  trace_->attempts.push_back({.id = span, .began = now - began_});
}

void TraceRecorder::attempt_ended(const AttemptEnd& end) {
  AttemptSpan& attempt = trace_->attempts.back();
  attempt.took = end.now - began_ - attempt.began;
  attempt.number = end.attempt;
  attempt.cause = end.cause;
  attempt.status = end.outcome.fault ? 0 : end.outcome.status;
  attempt.fault = end.outcome.fault;
}

void TraceRecorder::waited(WaitFor reason, base::Instant since, base::Instant now) {
  if (leave_out_oldest(trace_->waits, Trace::kWaitsMax)) ++trace_->waits_left_out;
  trace_->waits.push_back({reason, since - began_, now - since});
}

std::unique_ptr<Trace> TraceRecorder::end(const ExchangeEnd& end, base::WallTime wall) {
  fill_in(*trace_, end, wall);
  trace_->upstream = request_.route->options.upstream;
  trace_->upstream_path = sent_path(request_);
  return std::move(trace_);
}

std::unique_ptr<Trace> trace_of_refusal(const ExchangeEnd& end, base::WallTime wall) {
  auto trace = std::make_unique<Trace>();
  fill_in(*trace, end, wall);
  return trace;
}

}  // namespace bearer::relay
