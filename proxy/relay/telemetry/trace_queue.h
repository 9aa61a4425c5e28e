// Carries traces from the loops to the thread that sends them.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "base/clock.h"
#include "relay/head/trace_context.h"
#include "relay/telemetry/trace.h"

namespace bearer::relay {

/// Bounded: a trace that finds no room is lost and counted. Any thread; loops never wait.
class TraceQueue {
 public:
  static constexpr std::size_t kTracesMax = 2048;  ///< some KiB each
  static constexpr std::size_t kBatch = 512;       ///< enough for a request of their own

  using Batch = std::vector<std::unique_ptr<Trace>>;

  explicit TraceQueue(const TraceSample& sample = TraceSample()) : sample_(sample) {}

  /// Says which of the traces that begin here are wanted.
  const TraceSample& sample() const { return sample_; }

  void push(std::unique_ptr<Trace> trace);

  /// Waits until there is a batch, `patience` has passed, or close() was called. Returns what there
  /// is, at most a batch.
  Batch take(base::Duration patience);
  /// Ends all waits, now and later.
  void close();
  /// Sleeps for `patience`, or until close(). True if it was closed.
  bool closed_within(base::Duration patience);

  /// Spans that found no room.
  std::uint64_t lost() const;

 private:
  const TraceSample sample_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  Batch waiting_;
  bool closed_ = false;
  std::uint64_t lost_ = 0;
};

}  // namespace bearer::relay
