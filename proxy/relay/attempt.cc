#include "relay/attempt.h"

#include <algorithm>
#include <array>
#include <utility>

#include "http/head_parser.h"
#include "http/patience.h"
#include "relay/response_head.h"
#include "wire/h2/client_connection.h"
#include "wire/h2/client_stream.h"

namespace bearer::relay {
namespace {

// Room for the first read of a response: most answers of an API fit, head and body.
constexpr std::size_t kAnswerReadBytes = 16u << 10;
// After this many reads the loop's other clients have their turn: a stream of interim responses may
// never end.
constexpr int kReadsMax = 8;
// The most that is read of a response that nobody wants, so that its connection can be kept.
constexpr std::size_t kSkipBytesMax = 64u << 10;

}  // namespace

void Attempt::attach(UpstreamConnection connection) {
  upstream_ = std::move(connection);
  active_ = base::Counted(route_.counters->upstream_active);
  upstream_.stream->set_waiter(&client_.sleeper);
  const bool relinked = !request_.relinked_type.empty();
  if (relinked) {
    linked_up_ = std::make_unique<LinkedBody>(body_, request_, LinkedBody::Way::to_upstream,
                                              request_.relinked_type,
                                              client_.context.scratch.relinked_space());
  }
  Body& body = relinked ? static_cast<Body&>(*linked_up_) : body_;
  up_.emplace(Transfer::Ends{
      .body = body,
      .from = *client_.stream,
      .rest = client_.in,
      .to = *upstream_.stream,
      .outbox = to_upstream_,
      .framing = relinked ? http::Framing::Kind::chunked : request_.framing.kind,
      .framing_later = relinked && request_.framing.kind == http::Framing::Kind::length,
      .trailers = true,
      .route = &route_.shared.options,
      .scratch = client_.context.scratch.body_space(),
      .pipes = &client_.context.pipes,
      .budget = client_.context.replay_budget});
}

bool Attempt::reused() const {
  return upstream_.reused && (!upstream_.shared || upstream_.shared->ended());
}

wire::h2::ErrorCode Attempt::stream_ended_with() const {
  if (!shared()) return wire::h2::ErrorCode::no_error;
  return static_cast<const wire::h2::ClientStream&>(*upstream_.stream).closed_with();
}

void Attempt::retire_shared() {
  if (upstream_.shared) upstream_.shared->retire();
}

TransferState Attempt::send(std::string_view head, const Authorization& authorization) {
  const Route& route = route_.shared;
  const auto& [token, proof] = authorization;
  const std::array<std::string_view, 4> plain{head, route.before_token.reveal(), token,
                                              route.after_token};
  const std::array<std::string_view, 7> proven{
      head, "DPoP: ", proof, "\r\n", route.before_bound_token.reveal(), token, route.after_token};
  const TransferState moved = proof.empty() ? up_->move(plain) : up_->move(proven);
  uploaded_ = moved == TransferState::all;
  return moved;
}

TransferState Attempt::upload() {
  const TransferState moved = up_->move();
  uploaded_ = moved == TransferState::all;
  return moved;
}

std::uint64_t Attempt::uploaded_bytes() const {
  const std::uint64_t all = request_bytes();
  return all - std::min<std::uint64_t>(all, upstream_.stream->unsent());
}

std::uint64_t Attempt::progress() const {
  return upload_progress() + response_bytes() + client_.out.sent() - client_.stream->unsent();
}

Attempt::HeadState Attempt::poll_response_head() {
  for (int reads = 0; reads < kReadsMax; ++reads) {
    if (!in_.empty()) {
      const HeadState heard = read_head();
      if (heard != HeadState::nothing) return heard;
    }
    // The first look mostly comes too early, so no room is made for it.
    if (in_.empty() && !upstream_.stream->may_read()) return HeadState::nothing;
    const std::span<char> room = in_.room(in_.empty() ? kAnswerReadBytes : 1);
    const net::Io io = upstream_.stream->read(room);
    if (io.ok()) {
      in_.filled(io.bytes);
      heard_ += io.bytes;
      continue;
    }
    if (in_.empty()) in_.clear();
    return io.blocked() ? HeadState::nothing : HeadState::lost;
  }
  return HeadState::again;
}

bool Attempt::foreign() const {
  std::string_view text = in_.bytes();
  text.remove_prefix(std::min(text.find_first_not_of("\r\n"), text.size()));
  return !text.starts_with("HTTP/");
}

// Interim responses are passed on as they come.
Attempt::HeadState Attempt::read_head() {
  using Status = http::HeadScanner::Status;
  for (;;) {
    const Status status = scanner_.feed(in_.bytes());
    if (status == Status::incomplete) return HeadState::nothing;
    fault_ = http::HeadScanner::fault(status);
    if (fault_ != http::HeadFault::none) return HeadState::malformed;
    parse_head();
    if (fault_ != http::HeadFault::none) return HeadState::malformed;
    odd_ |= scanner_.odd() || framing_.odd;
    const http::ResponseHead& head = response();
    // A server switches once it has all of the request, and not before.
    const bool switched = head.status == 101 && request_.wants_tunnel && uploaded_ &&
                          may_tunnel(head.fields.value(http::FieldName::upgrade));
    if (head.status < 200 && !switched) {
      if (!interim()) return HeadState::malformed;
      in_.consume(scanner_.length());
      scanner_.reset();
      if (in_.empty()) return HeadState::nothing;
      continue;
    }
    keep_alive_ = http::keep_alive(head.minor_version, head.fields);
    server_keeps_ = http::keep_alive_timeout(head.fields).value_or(base::Duration::max());
    response_.emplace(framing_, http::Reading::lenient);
    route_.counters->answered(shared() ? HttpVersion::http_2 : HttpVersion::http_1_1);
    return HeadState::head;
  }
}

void Attempt::parse_head() {
  Scratch& scratch = client_.context.scratch;
  scratch.response_of = this;
  scratch.response.fields.limit(route_.shared.options.response_fields_max);
  std::string_view head = in_.bytes().substr(0, scanner_.length());
  if (scanner_.odd()) head = unfolded_ = http::unfold_head(head);
  fault_ = http::parse_response_head(head, scratch.response);
  if (fault_ == http::HeadFault::none) {
    fault_ = http::response_framing(scratch.response, request_.method, framing_);
  }
}

// A head is parsed into memory that the loop's exchanges share. Another one may have used it while
// this one slept.
const http::ResponseHead& Attempt::response() {
  const Scratch& scratch = client_.context.scratch;
  if (scratch.response_of != this) parse_head();
  return scratch.response;
}

std::string Attempt::fault_text() const {
  if (switched_unasked_) return "it switches to another protocol (101), which nobody asked for";
  return http::sentence(fault_, in_.bytes());
}

std::string_view Attempt::body_fault_text() const {
  return response_->trailers().empty() ? "a chunk of the response is malformed"
                                       : "the trailers of the response are malformed";
}

// A 101 that nobody asked for would end HTTP on this connection.
bool Attempt::interim() {
  Scratch& scratch = client_.context.scratch;
  switched_unasked_ = scratch.response.status == 101;
  fault_ = http::HeadFault::options_too_many;  // if the head cannot be relayed
  if (switched_unasked_) return false;
  if (for_rest_) return true;
  if (scratch.response.status == 100 || !request_.http_1_1) return true;  // 100 is ours to send
  if (!client_.out.empty()) return true;  // a slow client may miss some
  scratch.head.clear();
  return append_interim_head(scratch.head, scratch.response, request_) &&
         client_.out.write(*client_.stream, scratch.head);
}

void Attempt::rewrite_links() {
  linked_down_ =
      std::make_unique<LinkedBody>(*response_, request_, LinkedBody::Way::to_client,
                                   response().fields.value(http::FieldName::content_type),
                                   client_.context.scratch.relinked_space());
}

void Attempt::look_for_links(std::function<void()> seen) {
  link_sight_ = std::make_unique<LinkSight>(*response_, request_, std::move(seen));
}

TransferState Attempt::download(http::Framing::Kind framing,
                                std::span<const std::string_view> head) {
  in_.consume(scanner_.length());  // the head's views are in `head` by now
  Body& body = linked_down_  ? static_cast<Body&>(*linked_down_)
               : link_sight_ ? static_cast<Body&>(*link_sight_)
                             : *response_;
  down_.emplace(Transfer::Ends{.body = body,
                               .from = *upstream_.stream,
                               .rest = in_,
                               .to = *client_.stream,
                               .outbox = client_.out,
                               .framing = framing,
                               .trailers = request_.wants_trailers,
                               .scratch = client_.context.scratch.body_space(),
                               .pipes = &client_.context.pipes,
                               .budget = client_.context.replay_budget});
  return down_->move(head);
}

void Attempt::open_tunnel(std::optional<Tunnel>& tunnel) {
  in_.consume(scanner_.length());
  upstream_.stream->expect_end();  // the tunnel's own protocol knows its end
  tunnel.emplace(Tunnel::End{*client_.stream, client_.in, client_.out},
                 Tunnel::End{*upstream_.stream, in_, to_upstream_},
                 request_.websocket ? Tunnel::Protocol::websocket : Tunnel::Protocol::other,
                 client_.context.scratch.body_space(), client_.context.pipes);
}

bool Attempt::skip_response() {
  if (!down_) in_.consume(scanner_.length());
  std::size_t skipped = 0;
  while (!response_->done() && skipped < kSkipBytesMax) {
    Gather unwanted;
    const Body::Status status =
        response_->pull(*upstream_.stream, in_,
                        client_.context.scratch.body_space().first(kSkipBytesMax), unwanted);
    skipped += unwanted.bytes();
    if (status != Body::Status::more && status != Body::Status::done) return false;
  }
  return response_->done();
}

void Attempt::release() {
  const bool whole = response_ && keep_alive_ && !odd_ && uploaded_ &&
                     framing_.kind != http::Framing::Kind::until_close && skip_response() &&
                     !response_->odd() && in_.empty();
  if (whole) route_.pool.park(std::move(upstream_), server_keeps_);
  upstream_.stream.reset();
  active_ = {};
}

}  // namespace bearer::relay
