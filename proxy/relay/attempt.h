// One try at the upstream: the connection it uses, how far the request has gone, what came back.
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

/// What tells the upstream that the request may be made.
struct Authorization {
  std::string_view token;
  std::string_view proof = {};  ///< see token::Prover; empty: it goes as Bearer
};

/// What it refers to outlives it. Its end closes the connection, unless it was given back.
class Attempt : public net::recycler::Recycled {
 public:
  Attempt(Downstream& client, LoopRoute& route, const Request& request, RequestBody& body)
      : client_(client), route_(route), request_(request), body_(body) {}
  Attempt(const Attempt&) = delete;
  Attempt& operator=(const Attempt&) = delete;

  /// Uses this connection from now on.
  void attach(UpstreamConnection connection);
  /// The connection had carried a request before. One that requests share counts only where it has
  /// ended itself, not where the server broke off this one's stream.
  bool reused() const;
  /// It is a stream of a connection that other requests use too (HTTP/2).
  bool shared() const { return upstream_.shared != nullptr; }
  /// The upstream is known to have processed nothing of the request.
  bool unprocessed() const { return upstream_.stream->unprocessed(); }
  /// What broke the connection, as far as it is known; for a person, may be empty.
  std::string failure() const { return upstream_.stream->failure(); }
  /// Why the stream of a shared connection is over; no_error where it is not, or is none.
  wire::h2::ErrorCode stream_ended_with() const;
  /// The connection is the wrong one for its requests: it gets no more of them.
  void retire_shared();
  /// It was lost: so may be those that were idle beside it.
  void evict_idle_peers() { route_.pool.evict_idle_peers(upstream_); }

  /// Sends the request's head with the authorization, and what there is of the body.
  TransferState send(const Authorization& authorization) {
    return send(request_.head, authorization);
  }
  /// The same with another head, for the rest of a download: then no interim response goes to the
  /// client, who is in the middle of a body.
  TransferState send_for_rest(std::string_view head, const Authorization& authorization) {
    for_rest_ = true;
    return send(head, authorization);
  }
  /// Sends more of the body.
  TransferState upload();
  /// The upstream has the whole request.
  bool uploaded() const { return uploaded_; }
  /// Some of it may have got there.
  bool sent_any() const { return to_upstream_.sent() > 0; }
  /// The request is kept up by its client, not by the upstream.
  bool awaiting_client() const { return !uploaded_ && to_upstream_.empty(); }

  enum class HeadState {
    nothing,    ///< no whole head yet
    again,      ///< nor that, and there is more to read, but others have their turn first
    head,       ///< of the final response: see response()
    malformed,  ///< the reason is in fault()
    lost,       ///< the connection ended before a head was whole
  };
  /// Reads as far as the final response's head; interim responses go to the client.
  HeadState poll_response_head();
  /// Grows whenever any of a head comes, of an interim response too.
  std::uint64_t heard() const { return heard_; }
  /// The final response's head, good until the coroutine sleeps. REQUIRES: poll_response_head()
  /// said `head`, and neither download(), open_tunnel() nor release() was called since.
  const http::ResponseHead& response();
  const http::Framing& framing() const { return framing_; }
  /// The response's body has come whole with its head.
  bool holds_whole_body() const {
    return framing_.kind == http::Framing::Kind::none ||
           (framing_.kind == http::Framing::Kind::length &&
            in_.bytes().size() - scanner_.length() >= framing_.length);
  }
  http::HeadFault fault() const { return fault_; }
  /// For a person, with the field or byte at fault. REQUIRES: poll_response_head() said
  /// `malformed`.
  std::string fault_text() const { return http::sentence(fault_, in_.bytes()); }

  /// Has download() rewrite the links in the body. REQUIRES: relinked() of the route and its head.
  void rewrite_links();
  /// Has download() look for links in the body, which passes as it is; see LinkSight.
  void look_for_links(std::function<void()> seen);
  /// Relays the response's body, after `head`, as a message of that framing.
  TransferState download(http::Framing::Kind framing, std::span<const std::string_view> head);
  TransferState download() { return down_->move(); }

  /// Joins the two connections, after a 101. Uses this attempt for as long as it lives.
  void open_tunnel(std::optional<Tunnel>& tunnel);

  /// The client got the response's head from download().
  bool answered() const { return down_ && down_->begun(); }

  std::uint64_t request_bytes() const { return up_ ? up_->bytes() : 0; }
  std::uint64_t response_bytes() const { return down_ ? down_->bytes() : 0; }
  /// Grows whenever any of the request moves.
  std::uint64_t upload_progress() const { return request_bytes() + to_upstream_.sent(); }
  /// Grows whenever anything moves in either direction.
  std::uint64_t progress() const;

  /// Gives the connection back to its pool if the exchange on it is whole; what is left of a
  /// response that nobody wants is read first, as far as it has come. Else closes it.
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
  base::Counted active_;  // as long as it is in use
  net::Outbox to_upstream_;
  net::Buffer in_;  // bytes of the upstream that were read and belong to nothing yet
  http::HeadScanner scanner_{http::HeadScanner::Kind::response};
  std::string unfolded_;  // the response's head where it was odd, else empty
  http::Framing framing_;
  http::HeadFault fault_ = http::HeadFault::none;
  std::uint64_t heard_ = 0;
  bool for_rest_ = false;
  bool uploaded_ = false;
  bool keep_alive_ = false;
  bool odd_ = false;  // something of the response was not to the letter
  base::Duration server_keeps_ = base::Duration::max();  // the connection, idle
  std::optional<BodySource> response_;
  // They rewrite body_ and response_; null where those pass as they are.
  std::unique_ptr<LinkedBody> linked_up_, linked_down_;
  std::unique_ptr<LinkSight> link_sight_;  // it looks at response_; mostly null
  std::optional<Transfer> up_, down_;
};

}  // namespace bearer::relay
