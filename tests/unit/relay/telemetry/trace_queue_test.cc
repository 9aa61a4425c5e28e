#include "relay/telemetry/trace_queue.h"

#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <thread>
#include <utility>

using namespace bearer;
using namespace std::chrono_literals;
using relay::Trace;
using relay::TraceQueue;

namespace {

std::unique_ptr<Trace> trace(const char* path, std::size_t attempts = 0) {
  auto made = std::make_unique<Trace>();
  made->path = path;
  made->attempts.resize(attempts);
  return made;
}

}  // namespace

TEST_CASE("traces are taken in the order in which they came") {
  TraceQueue queue;
  queue.push(trace("/1"));
  queue.push(trace("/2"));
  const TraceQueue::Batch batch = queue.take(0s);
  REQUIRE(batch.size() == 2);
  CHECK(batch[0]->path == "/1");
  CHECK(batch[1]->path == "/2");
  CHECK(queue.take(0s).empty());
}

TEST_CASE("what finds no room is lost, and its spans are counted") {
  TraceQueue queue;
  for (std::size_t i = 0; i < TraceQueue::kTracesMax; ++i) queue.push(trace("/kept", 3));
  queue.push(trace("/lost", 2));
  queue.push(trace("/lost"));
  CHECK(queue.lost() == 4);
  std::size_t taken = 0;
  for (TraceQueue::Batch batch = queue.take(0s); !batch.empty(); batch = queue.take(0s)) {
    CHECK(batch.size() <= TraceQueue::kBatch);
    CHECK(batch.back()->path == "/kept");
    taken += batch.size();
  }
  CHECK(taken == TraceQueue::kTracesMax);
}

TEST_CASE("who waits gets a batch at once when there is one, and what there is at the end") {
  TraceQueue queue;
  std::thread pusher([&] {
    for (std::size_t i = 0; i < TraceQueue::kBatch; ++i) queue.push(trace("/"));
  });
  CHECK(queue.take(24h).size() == TraceQueue::kBatch);
  pusher.join();
  queue.push(trace("/last"));
  CHECK_FALSE(queue.closed_within(0s));
  std::thread closer([&] { queue.close(); });
  CHECK(queue.take(24h).size() == 1);
  CHECK(queue.closed_within(24h));
  closer.join();
}
