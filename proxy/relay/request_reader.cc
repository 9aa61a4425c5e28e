#include "relay/request_reader.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "http/head_scanner.h"
#include "relay/loop_context.h"
#include "relay/report.h"

namespace bearer::relay {
namespace {

using Scan = http::HeadScanner::Status;

constexpr std::chrono::seconds kIdleMax{75};
constexpr std::chrono::seconds kHeadMax{10};
constexpr std::chrono::seconds kHeadMaxAtEnd{1};     // of a head that a drain finds on its way
constexpr std::size_t kRequestReadBytes = 4u << 10;  // nearly every head fits

RequestHeadRead refused(LocalReply reply) {
  RequestHeadRead arrival;
  arrival.reply = std::move(reply);
  return arrival;
}

RequestHeadRead over() {
  RequestHeadRead arrival;
  arrival.ended = true;
  return arrival;
}

RequestHeadRead verdict(Scan scan, const http::HeadScanner& scanner, std::string_view bytes) {
  const http::HeadFault fault = http::HeadScanner::fault(scan);
  if (fault != http::HeadFault::none) {
    return refused(malformed_request(fault, bytes.substr(scanner.begin())));
  }
  RequestHeadRead whole;
  whole.begin = scanner.begin();
  whole.bytes = scanner.begin() + scanner.length();
  return whole;
}

/// Says for as long as it lives since when the client is idle, unless a request begins.
class NotedIdle {
 public:
  explicit NotedIdle(Downstream& client) : client_(client) {
    client_.idle_since = client_.context.now();
  }
  ~NotedIdle() { client_.idle_since.reset(); }
  NotedIdle(const NotedIdle&) = delete;
  NotedIdle& operator=(const NotedIdle&) = delete;

 private:
  Downstream& client_;
};

/// Makes room only where something may have come.
net::Io read_more(Downstream& client) {
  if (!client.in.empty()) return client.stream->read(client.in.room(1));
  if (!client.stream->may_read()) return {net::Io::Status::blocked};
  return client.stream->read(client.in.room(kRequestReadBytes));
}

}  // namespace

net::Task<RequestHeadRead> read_request_head(Downstream& client) {
  net::Loop& loop = client.context.loop;
  http::HeadScanner scanner(http::HeadScanner::Kind::request);
  base::Instant deadline = loop.now() + kIdleMax;
  bool begun = false;
  client.leaves = false;
  const NotedIdle idle(client);
  for (;;) {
    if (!client.context.serves(client.peer)) {
      report_peer_refused(client.context, client.peer);
      co_return over();
    }
    if (!client.in.empty()) {
      const Scan scan = scanner.feed(client.in.bytes());
      if (scan != Scan::incomplete) {
        co_return verdict(scan, scanner, client.in.bytes());
      }
      if (!begun) deadline = loop.now() + kHeadMax;
      begun = true;
      client.idle_since.reset();
    }
    const net::Io io = read_more(client);
    if (io.ok()) {
      client.in.filled(io.bytes);
      continue;
    }
    if (client.in.empty()) client.in.clear();  // an idle connection holds no buffer
    if (!io.blocked()) co_return over();
    // Only now: what came while we were stopped has been read.
    if (loop.now() >= deadline) {
      if (!begun || client.context.draining) co_return over();
      co_return refused(
          reply_for(base::Errc::request_timeout, "the head did not arrive within 10 s"));
    }
    // A request that has come is served, also if the loop has not heard of it yet.
    const bool leaving = client.context.draining;
    const bool may_leave = leaving || client.leaves || client.context.place_wanted;
    if (may_leave && !begun && client.stream->quiet(true)) {
      client.context.place_wanted = false;
      co_return over();
    }
    if (leaving) deadline = std::min(deadline, loop.now() + kHeadMaxAtEnd);
    co_await client.sleeper.sleep(deadline);
  }
}

}  // namespace bearer::relay
