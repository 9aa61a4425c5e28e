// Sends the spans of requests to an OpenTelemetry collector, apart from the data plane.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <future>
#include <string>
#include <string_view>
#include <thread>

#include "base/clock.h"
#include "base/metrics.h"
#include "base/result.h"
#include "net/loop.h"
#include "net/resolver.h"
#include "net/task.h"
#include "relay/options.h"
#include "relay/telemetry/trace_json.h"
#include "relay/telemetry/trace_queue.h"

namespace bearer::app {

/// Sends batches on a thread of its own, once a second or when there are many spans. If a collector
/// does not take them, that is logged once. A batch that it may take later is kept for a while and
/// sent again. Spans that meanwhile find no room in the queue are lost and counted.
class TraceExporter {
 public:
  /// `clock` outlives it.
  TraceExporter(relay::TraceOptions options, std::string version, const base::Clock& clock);
  /// Sends the rest, for some seconds at most.
  ~TraceExporter();

  relay::TraceQueue& queue() { return queue_; }
  /// Any thread.
  base::MetricFamilies metrics() const;

 private:
  struct Taken;

  void run();
  void send(const relay::TraceQueue::Batch& batch);
  net::Task<base::Result<Taken>> ask(std::string_view body);
  base::Result<Taken> post(std::string_view body);
  void say(const base::Result<Taken>& taken, bool all_well);

  const relay::TraceOptions options_;
  const relay::TraceResource resource_;
  const base::Clock& clock_;
  relay::TraceQueue queue_;
  net::Loop loop_;
  net::Resolver resolver_;  // after the loop, to which its answers go
  bool well_ = true;        // as last logged; used by its thread only
  std::atomic<std::uint64_t> sent_ = 0, refused_ = 0, unsent_ = 0;  // spans
  std::atomic<bool> giving_up_ = false;
  std::promise<void> over_;  // set when the thread has nothing left to send
  std::thread thread_;       // last: it uses all of the above
};

}  // namespace bearer::app
