#include "relay/client/request_reader.h"

#include <chrono>
#include <utility>

#include "relay/loop_context.h"
#include "relay/report.h"
#include "wire/head_reader.h"

namespace bearer::relay {
namespace {

using wire::HeadReader;

constexpr HeadReader::Limits kLimits{.idle_max = std::chrono::seconds(75),
                                     .head_max = std::chrono::seconds(10)};
constexpr std::chrono::seconds kHeadMaxAtEnd{1};  // for a head that is under way at a drain

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

RequestHeadRead verdict(const HeadReader& reader, const net::Buffer& in) {
  const http::HeadFault fault = reader.fault();
  if (fault != http::HeadFault::none) {
    return refused(malformed_request(fault, in.bytes().substr(reader.begin())));
  }
  RequestHeadRead whole;
  whole.begin = reader.begin();
  whole.bytes = reader.end();
  return whole;
}

/// Marks the client as idle for as long as it lives, unless a request begins.
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

}  // namespace

net::Task<RequestHeadRead> read_request_head(Downstream& client) {
  HeadReader reader(client.context.loop, kLimits);
  client.leaves = false;
  const NotedIdle idle(client);
  for (;;) {
    if (!client.context.serves(client.peer)) {
      report_peer_refused(client.context, client.peer);
      co_return over();
    }
    const HeadReader::Status status = reader.look(*client.stream, client.in);
    if (status == HeadReader::Status::here) co_return verdict(reader, client.in);
    if (status == HeadReader::Status::ended) co_return over();
    const bool begun = reader.begun();
    if (begun) client.idle_since.reset();
    if (status == HeadReader::Status::late) {
      if (!begun || client.context.draining) co_return over();
      co_return refused(
          reply_for(base::Errc::request_timeout, "the head did not arrive within 10 s"));
    }
    // A request that has come is served, even if the loop has not noticed it yet.
    const bool leaving = client.context.draining;
    const bool may_leave = leaving || client.leaves || client.context.place_wanted;
    if (may_leave && !begun && client.stream->quiet(true)) {
      client.context.place_wanted = false;
      co_return over();
    }
    if (leaving) reader.shorten(kHeadMaxAtEnd);
    co_await client.sleeper.sleep(reader.deadline());
  }
}

}  // namespace bearer::relay
