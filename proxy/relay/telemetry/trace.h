// The spans of one request, gathered while it is in flight: its own, and one for each attempt. They
// hold no query, no field's value and no body.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/errc.h"
#include "http/url.h"
#include "relay/head/trace_context.h"
#include "relay/telemetry/cause.h"
#include "relay/telemetry/observer.h"
#include "relay/telemetry/wait_times.h"

namespace bearer::relay {

/// One attempt. Times are counted from the request's beginning.
struct AttemptSpan {
  SpanId id{};
  base::Duration began{}, took{};
  int number = 1;
  Cause cause = Cause::first;
  int status = 0;                        ///< of the response; 0: there was none
  std::optional<base::Errc> fault = {};  ///< why there was none
};

/// A wait that has ended. Times are counted from the request's beginning.
struct WaitSpan {
  WaitFor reason;
  base::Duration began{}, took{};
};

/// One request. A value.
struct Trace {
  static constexpr std::size_t kPathBytesMax = 512;  ///< the rest is left out
  static constexpr std::size_t kAttemptsMax = 32;    ///< the last of them are kept
  static constexpr std::size_t kWaitsMax = 64;       ///< likewise

  TraceContext context;
  base::WallTime began;
  base::Duration took{};
  std::string method, path, route, id, authority;
  http::Url upstream;         ///< of its attempts; the host is empty if there was none
  std::string upstream_path;  ///< without the query
  int status = 0;             ///< as the client got it; 0: none
  std::string_view error;     ///< of Proxy-Status, if the answer is our own; a literal
  bool whole = false;         ///< false if the answer was cut short, or nobody took it
  int attempts_made = 0;
  std::vector<AttemptSpan> attempts;
  std::vector<WaitSpan> waits;
  std::size_t waits_left_out = 0;

  std::size_t spans() const { return 1 + attempts.size(); }
};

/// Gathers a Trace. On the loop's thread.
class TraceRecorder {
 public:
  /// `request` has spans to tell, and outlives it, as its route does.
  TraceRecorder(const Request& request, base::Instant began) : request_(request), began_(began) {}

  /// An attempt begins, as that span.
  void attempt_began(const SpanId& span, base::Instant now);
  /// The attempt has ended. REQUIRES: it began.
  void attempt_ended(const AttemptEnd& end);
  void waited(WaitFor reason, base::Instant since, base::Instant now);

  /// The request is over. Called once.
  std::unique_ptr<Trace> end(const ExchangeEnd& end, base::WallTime wall);

 private:
  const Request& request_;
  const base::Instant began_;
  std::unique_ptr<Trace> trace_ = std::make_unique<Trace>();
};

/// The trace of a request that was refused before its first attempt.
std::unique_ptr<Trace> trace_of_refusal(const ExchangeEnd& end, base::WallTime wall);

}  // namespace bearer::relay
