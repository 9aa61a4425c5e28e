#include "relay/client/request_reader.h"

#include <chrono>
#include <memory>

#include "relay/loop_context.h"
#include "relay/report.h"

namespace bearer::relay {
namespace {

using wire::HeadReader;

constexpr std::chrono::seconds kHeadMaxAtEnd{1};  // for a head that is under way at a drain

/// The reader has a head, or what cannot be one.
void tell(const HeadReader& reader, const net::Buffer& in, RequestHeadRead& head_read) {
  const http::HeadFault fault = reader.fault();
  if (fault != http::HeadFault::none) {
    head_read.reply =
        std::make_unique<LocalReply>(malformed_request(fault, in.bytes().substr(reader.begin())));
    return;
  }
  head_read.begin = static_cast<std::uint32_t>(reader.begin());
  head_read.bytes = static_cast<std::uint32_t>(reader.end());
}

/// The head's time is up.
void give_up(const Downstream& client, bool begun, RequestHeadRead& head_read) {
  head_read.ended = !begun || client.context.draining;
  if (head_read.ended) return;
  head_read.reply = std::make_unique<LocalReply>(
      reply_for(base::Errc::request_timeout, "the head did not arrive within 10 s"));
}

/// Marks the client as idle for as long as it lives, unless a request begins.
class NotedIdle {
 public:
  explicit NotedIdle(Downstream& client) : client_(client) {
    client_.idle_since = client_.idle_from(client_.context.now());
  }
  ~NotedIdle() {
    client_.idle_since = base::kNever;
    client_.fresh = false;
  }
  NotedIdle(const NotedIdle&) = delete;
  NotedIdle& operator=(const NotedIdle&) = delete;

 private:
  Downstream& client_;
};

}  // namespace

net::Task<void> read_request_head(Downstream& client, RequestHeadRead& head_read) {
  HeadReader reader(client.context.loop, kClientLimits);
  client.leaves = false;
  const NotedIdle idle(client);
  for (;;) {
    if (!client.context.serves(client.peer)) {
      report_peer_refused(client.context, client.peer);
      head_read.ended = true;
      co_return;
    }
    const HeadReader::Status status = reader.look(*client.stream, client.in);
    if (status == HeadReader::Status::here) co_return tell(reader, client.in, head_read);
    head_read.ended = status == HeadReader::Status::ended;
    if (head_read.ended) co_return;
    const bool begun = reader.begun();
    if (begun) client.idle_since = base::kNever;
    if (status == HeadReader::Status::late) co_return give_up(client, begun, head_read);
    // A request that has come is served, even if the loop has not noticed it yet.
    const bool draining = client.context.draining;
    if (!begun && (draining || client.should_leave()) && client.stream->quiet(true)) {
      *client.context.place_wanted = false;
      head_read.ended = true;
      co_return;
    }
    if (draining) reader.shorten(kHeadMaxAtEnd);
    co_await client.sleeper.sleep(reader.deadline());
  }
}

}  // namespace bearer::relay
