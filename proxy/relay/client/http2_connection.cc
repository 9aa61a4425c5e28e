#include "relay/client/http2_connection.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "relay/client/lingering.h"
#include "relay/loop_context.h"
#include "relay/report.h"
#include "wire/h2/server.h"

namespace bearer::relay {
namespace {

using wire::h2::Session;

constexpr std::chrono::seconds kSettingsMax{10};
// A client that makes room for another one takes our GOAWAY within this time.
constexpr std::chrono::seconds kLeaveMax{3};
// The longest time for a turn of the loop. If many requests came at once, the rest of them wait for
// the next turn, so that the loop's other clients have theirs.
constexpr std::chrono::microseconds kTurnMax{500};

/// Measures since when the connection has served nobody, or since when a head has been under way.
class Idleness {
 public:
  explicit Idleness(Downstream& client) : client_(client) {}
  ~Idleness() { client_.idle_since = base::kNever; }
  Idleness(const Idleness&) = delete;
  Idleness& operator=(const Idleness&) = delete;

  void note(const Session& session, bool reads_head) {
    const base::Instant now = client_.context.now();
    if (!reads_head) {
      head_since_.reset();
    } else if (!head_since_) {
      head_since_ = now;
    }
    if (session.served() > 0) {
      since_.reset();
    } else if (!since_) {
      since_ = now;
    }
    // Only then may it be closed to make room for another client.
    const bool idle = session.streams() == 0 && since_;
    client_.idle_since = idle ? client_.idle_from(*since_) : base::kNever;
  }
  /// Notes new streams at once: a connection does not go to make room for its own.
  void note_streams(const Session& session) {
    if (session.streams() == 0) return;
    client_.idle_since = base::kNever;
    client_.fresh = false;
  }
  bool wholly() const { return client_.idle_since != base::kNever; }
  base::Instant ends(const Session& session) const {
    base::Instant ends = head_since_ ? *head_since_ + kClientLimits.head_max : base::kNever;
    const auto idle_max = session.settled() ? kClientLimits.idle_max : kSettingsMax;
    if (since_) ends = std::min(ends, *since_ + idle_max);
    return ends;
  }

 private:
  Downstream& client_;
  std::optional<base::Instant> since_, head_since_;
};

}  // namespace

bool begins_http2(const Downstream& client, const RequestHeadRead& head_read) {
  return client.kind == Downstream::Kind::connection &&
         head_read.head(client) == "PRI * HTTP/2.0\r\n\r\n" && head_read.begin == 0;
}

net::Task<void> serve_http2(Downstream& client) {
  LoopContext& context = client.context;
  std::optional<wire::h2::Server> server;
  server.emplace(*client.stream, client.sleeper, context.places_of_streams,
                 context.streams_waiting);
  Session& session = server->session();
  session.feed(client.in.bytes());
  client.in.clear();
  client.fresh = true;  // the preface was no request
  Idleness idleness(client);
  base::Instant leave_by = base::kNever;
  for (;;) {
    const Session::Turn turn = session.turn(context.scratch.body_space());
    idleness.note_streams(session);
    while (auto stream = server->next()) {
      context.add_stream(std::move(stream), client.peer, client.fd);
      const bool long_turn = context.loop.clock().now() - context.now() > kTurnMax;
      if (!long_turn) continue;
      co_await client.sleeper.let_others_go();
      client.sleeper.wake();  // they may have left the session something to send
    }
    if (turn == Session::Turn::over) break;
    idleness.note(session, server->reads_head());
    const bool welcome = context.serves(client.peer);
    if (!welcome && !session.going_away()) report_peer_refused(context, client.peer);
    if (!welcome || context.draining) session.go_away(!welcome);
    if (!idleness.wholly()) client.leaves = false;
    if (client.should_leave()) {
      *context.place_wanted = false;
      session.go_away();
      leave_by = std::min(leave_by, base::after(context.now(), kLeaveMax));
    }
    if (!idleness.wholly()) leave_by = base::kNever;
    if (context.now() >= leave_by) break;  // it does not even take our last words
    if (context.now() >= idleness.ends(session)) session.close(wire::h2::ErrorCode::no_error);
    if (turn == Session::Turn::again) client.sleeper.wake();
    std::optional<net::WaitList::Place> place;
    if (server->wants_place()) place.emplace(context.places, client.sleeper);
    const base::Instant looks_again = std::min(session.turn_at(), server->next_at());
    const base::Instant ends = std::min(idleness.ends(session), leave_by);
    co_await client.sleeper.sleep(std::min(ends, looks_again));
  }
  const bool failed = !session.why_over().empty();
  if (failed) report_http2_failed(context, session.why_over());
  if (idleness.wholly() && !failed) co_return;
  server.reset();  // clients still served on it notice now
  co_await linger(client);
}

}  // namespace bearer::relay
