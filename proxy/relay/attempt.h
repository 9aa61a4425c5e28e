// One attempt: the connection it uses, how much of the request has been sent, and what came back.
// Nothing here waits.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/count.h"
#include "http/framing.h"
#include "http/head_scanner.h"
#include "net/buffer.h"
#include "net/outbox.h"
#include "net/recycler.h"
#include "relay/body/body_source.h"
#include "relay/body/link_sight.h"
#include "relay/body/linked_body.h"
#include "relay/body/request_body.h"
#include "relay/body/transfer.h"
#include "relay/body/tunnel.h"
#include "relay/downstream.h"
#include "relay/loop_context.h"
#include "relay/request.h"

namespace bearer::wire::h2 {
enum class ErrorCode : std::uint32_t;
}

namespace bearer::relay {

/// The fields' values that authorize the request at the upstream.
struct Authorization {
  std::string_view token;
  std::string_view proof = {};  ///< see token::Prover; empty: the token is sent as Bearer
};

/// The arguments outlive it. Closes the connection, unless release() gave it back.
class Attempt : public net::recycler::Recycled {
 public:
  Attempt(Downstream& client, LoopRoute& route, const Request& request, RequestBody& body)
      : client_(client), route_(route), request_(request), body_(body) {}
  Attempt(const Attempt&) = delete;
  Attempt& operator=(const Attempt&) = delete;

  /// Uses this connection from now on.
  void attach(UpstreamConnection connection);
  /// True if the connection carried a request before. A shared connection counts only if it ended
  /// as a whole, not if the server reset this request's stream.
  bool reused() const;
  /// True if it uses a stream of a connection that other requests use too (HTTP/2).
  bool shared() const { return upstream_.shared != nullptr; }
  /// True if the upstream is known to have processed nothing of the request.
  bool unprocessed() const { return upstream_.stream->unprocessed(); }
  /// Tells a person what broke the connection, as far as it is known; may be empty.
  std::string failure() const { return upstream_.stream->failure(); }
  /// The code with which a shared connection's stream ended; no_error if it goes on, or is none.
  wire::h2::ErrorCode stream_ended_with() const;
  /// Gives the shared connection no more requests, because it is the wrong one for them (421).
  void retire_shared();
  /// Closes the idle connections beside this one: it was lost, so they may be dead too.
  void evict_idle_peers() { route_.pool.evict_idle_peers(upstream_); }

  /// Sends the request's head with the authorization, and the part of the body that has come.
  TransferState send(const Authorization& authorization) {
    return send(request_.head, authorization);
  }
  /// Sends the request with another head, for the rest of a download. No interim response goes to
  /// the client then, because it is in the middle of a body.
  TransferState send_for_rest(std::string_view head, const Authorization& authorization) {
    for_rest_ = true;
    return send(head, authorization);
  }
  /// Sends more of the body.
  TransferState upload();
  /// True if the upstream has the whole request: nothing of it waits here for the upstream.
  bool uploaded() const { return uploaded_; }
  /// True if the upstream has ended its side, or its connection broke.
  bool upstream_left() const { return upstream_.stream->peer_closed(); }
  /// True if some of the request may have reached the upstream.
  bool sent_any() const { return to_upstream_.sent() > 0; }
  /// True if the rest of the request has to come from the client before any more can be sent.
  bool awaiting_client() const { return !(up_ && up_->ended()) && to_upstream_.empty(); }

  enum class HeadState {
    nothing,    ///< no whole head yet
    again,      ///< no whole head yet; there is more to read, but others have their turn first
    head,       ///< of the final response: see response()
    malformed,  ///< the reason is in fault()
    lost,       ///< the connection ended before the head was complete
  };
  /// Reads as far as the final response's head; interim responses go to the client.
  HeadState poll_response_head();
  /// Grows with every byte of a head, those of interim responses included.
  std::uint64_t heard() const { return heard_; }
  /// The final response's head, valid until the coroutine sleeps. REQUIRES: poll_response_head()
  /// said `head`, and neither download(), open_tunnel() nor release() was called since.
  const http::ResponseHead& response();
  const http::Framing& framing() const { return framing_; }
  /// The part of the body that came with the head, in its framing. REQUIRES: as response().
  std::string_view beginning() const { return in_.bytes().substr(scanner_.length()); }
  /// True if the whole body of the response came with its head.
  bool holds_whole_body() const {
    return framing_.kind == http::Framing::Kind::none ||
           (framing_.kind == http::Framing::Kind::length &&
            in_.bytes().size() - scanner_.length() >= framing_.length);
  }
  http::HeadFault fault() const { return fault_; }
  /// Names the field or byte at fault, for a person. REQUIRES: poll_response_head() said
  /// `malformed`.
  std::string fault_text() const;
  /// True if the response does not begin as HTTP/1 does, so that another protocol may be spoken
  /// there. REQUIRES: as above.
  bool foreign() const;
  /// Says for a person what is malformed in the body. REQUIRES: download() said `sender_broke`.
  std::string_view body_fault_text() const;

  /// Has download() rewrite the links in the body. REQUIRES: relinked() of the route and its head.
  void rewrite_links();
  /// Has download() look for links in the body, which it does not change; see LinkSight.
  void look_for_links(std::function<void()> seen);
  /// Relays `head`, then the response's body, as a message of that framing.
  TransferState download(http::Framing::Kind framing, std::span<const std::string_view> head);
  TransferState download() { return down_->move(); }

  /// Joins the two connections, after a 101. The tunnel uses this attempt for as long as it lives.
  void open_tunnel(std::optional<Tunnel>& tunnel);

  /// True if both bodies have passed the upstream: what is left is the client's to take.
  bool leaves_upstream() const { return uploaded_ && down_ && down_->ended(); }
  /// True if the client got the response's head from download().
  bool answered() const { return down_ && down_->begun(); }

  /// Bytes of the request's body that have come from the client.
  std::uint64_t request_bytes() const { return up_ ? up_->bytes() : 0; }
  /// Those that do not wait in the upstream's stream.
  std::uint64_t uploaded_bytes() const;
  std::uint64_t response_bytes() const { return down_ ? down_->bytes() : 0; }
  /// Grows whenever a part of the request moves.
  std::uint64_t upload_progress() const {
    return request_bytes() + to_upstream_.sent() - upstream_.stream->unsent();
  }
  /// Grows whenever anything moves in either direction.
  std::uint64_t progress() const;

  /// Gives the connection back to its pool if its exchange is complete, after reading as much as
  /// has come of a response that nobody wants. Otherwise closes it.
  void release();

 private:
  TransferState send(std::string_view head, const Authorization& authorization);
  HeadState read_head();
  void parse_head();
  bool interim();
  bool skip_response();

  Downstream& client_;
  LoopRoute& route_;
  const Request& request_;
  RequestBody& body_;

  UpstreamConnection upstream_;
  base::Counted active_;  // for as long as it is in use
  net::Outbox to_upstream_;
  net::Buffer in_;  // read from the upstream, and not yet taken by the head or the body
  http::HeadScanner scanner_{http::HeadScanner::Kind::response};
  std::string unfolded_;  // the response's head, if it was folded, else empty
  http::Framing framing_;
  http::HeadFault fault_ = http::HeadFault::none;
  std::uint64_t heard_ = 0;
  bool for_rest_ = false;
  bool switched_unasked_ = false;  // by a 101
  bool uploaded_ = false;
  bool keep_alive_ = false;
  bool odd_ = false;  // a part of the response broke the letter of HTTP
  base::Duration server_keeps_ = base::Duration::max();  // an idle connection
  std::optional<BodySource> response_;
  // They rewrite body_ and response_; null if those pass unchanged.
  std::unique_ptr<LinkedBody> linked_up_, linked_down_;
  std::unique_ptr<LinkSight> link_sight_;  // it looks at response_; mostly null
  std::optional<Transfer> up_, down_;
};

}  // namespace bearer::relay
