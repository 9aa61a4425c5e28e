#include "relay/relay_response.h"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/advice.h"
#include "http/chunk_header.h"
#include "http/fields.h"
#include "http/grpc/call.h"
#include "relay/attempt_outcome.h"
#include "relay/body/idle_timer.h"
#include "relay/head/relinking.h"
#include "relay/reply.h"
#include "relay/report.h"
#include "relay/response_head.h"

namespace bearer::relay {
namespace {

using base::advice_on;
using base::Errc;
using base::Error;
using base::Trouble;
using net::Task;
using net::Wait;
using net::Wake;

/// The upstream's head cannot be forwarded safely, so nothing of its response is forwarded.
[[gnu::cold]] Task<Disposition> refuse_head(Exchange& exchange) {
  const Error fault{Errc::response_malformed, "the response's Connection field names too much"};
  co_return co_await reply(exchange, fault);
}

Disposition finish(Exchange& exchange, Attempt& attempt, bool close) {
  exchange.account.whole = true;
  exchange.account.request_bytes = attempt.request_bytes();
  exchange.account.response_bytes += attempt.response_bytes();
  attempt.release();
  const bool unsent = exchange.request.expects_continue && !exchange.body.received();
  return close || unsent ? Disposition::close : Disposition::next_request;
}

/// Nothing has moved for too long. The error names the side that is to blame.
[[gnu::cold]] Error silent_side(const Exchange& exchange) {
  if (!exchange.client.out.empty() || exchange.client.stream->unsent() > 0)
    return {Errc::client_stalled, "the client took nothing for too long",
            advice_on(Trouble::silent_body)};
  return {Errc::response_timeout, "the upstream sent nothing for too long",
          advice_on(Trouble::silent_body)};
}

/// Relays the rest of the response, and of the request while it is still on its way. Errc:
/// response_incomplete, response_timeout and response_malformed if the upstream failed;
/// client_left, client_stalled, request_malformed and request_timeout if the client did;
/// spill_failed if the file of the kept body did.
Task<base::Result<void>> relay_rest(Exchange& exchange, Attempt& attempt, TransferState down) {
  TransferState up = attempt.uploaded() ? TransferState::all : TransferState::some;
  IdleTimer silence{exchange.now(), attempt.progress()};
  while (goes_on(down)) {
    if (attempt.leaves_upstream()) exchange.progress.permit = {};
    if (down == TransferState::again || up == TransferState::again) exchange.client.sleeper.wake();
    const Wait wait = exchange.until(silence.deadline(exchange.options().idle_timeout));
    const Wake woke = co_await wait.next();
    if (woke == Wake::peer_closed) co_return Error{Errc::client_left, ""};
    if (goes_on(up)) up = attempt.upload();
    const base::Result<void> sound = check_upload(exchange, up);
    if (!sound) co_return sound.error();
    down = attempt.download();
    silence.note(attempt.progress(), exchange.now());
    exchange.moved(attempt.progress());
    if (goes_on(down) && woke == Wake::timed_out &&
        silence.late(exchange.options().idle_timeout, exchange.now()))
      co_return silent_side(exchange);
  }
  switch (down) {
    case TransferState::all: co_return {};
    case TransferState::sender_broke:
      co_return Error{Errc::response_malformed, std::string(attempt.body_fault_text())};
    case TransferState::sender_left:
      co_return Error{Errc::response_incomplete,
                      "the upstream closed the connection in the middle"};
    default: co_return Error{Errc::client_left, ""};
  }
}

// ── A success that comes before the request's end. ──

/// True if the upstream may go on reading. A server that takes a job accepts it first, and then
/// reads what it is (Node does, and what is built on it). A gRPC call is over with its status.
bool wants_rest(const Exchange& exchange, const Attempt& attempt) {
  const int status = exchange.account.status;
  return !attempt.uploaded() && status >= 200 && status < 300 && !exchange.request.grpc;
}

/// Says why the upstream did not get all of the request; nullopt if the client is the reason.
std::optional<Error> why_cut(Exchange& exchange, const Attempt& attempt, TransferState up,
                             bool late) {
  const base::Result<void> sound = check_upload(exchange, up);
  if (!sound && sound.error().code == Errc::client_left) return std::nullopt;
  const std::string reason =
      !sound ? sound.error().sentence()
      : late ? "nothing more of it moved for too long; " + advice_on(Trouble::silent_body)
             : "then it took no more";
  return Error{sound ? Errc::response_incomplete : sound.error().code,
               "the upstream answered " + std::to_string(exchange.account.status) +
                   " before the request's end, and took " +
                   std::to_string(attempt.uploaded_bytes()) + " bytes of it: " + reason};
}

/// Sends the rest of a request whose client has its whole answer. A client that leaves may have
/// sent all of it before, so that its departure does not end this: the end of its bytes does.
[[gnu::cold]] Task<void> send_rest(Exchange& exchange, Attempt& attempt) {
  exchange.account.whole = true;
  exchange.end_flight();
  const base::Counted rest(exchange.context().rests);
  TransferState up = attempt.upload();
  IdleTimer silence{exchange.now(), attempt.progress()};
  bool late = false;
  while (goes_on(up) && !late && !attempt.upstream_left()) {
    if (up == TransferState::again) exchange.client.sleeper.wake();
    const Wait wait{exchange.client.sleeper, silence.deadline(exchange.options().idle_timeout)};
    const Wake woke = co_await wait.next();
    up = attempt.upload();
    silence.note(attempt.progress(), exchange.now());
    late = woke == Wake::timed_out && silence.late(exchange.options().idle_timeout, exchange.now());
  }
  if (attempt.uploaded()) co_return;
  const std::optional<Error> why = why_cut(exchange, attempt, up, late);
  if (why) report_upload_cut(exchange, *why);
}

// ── A download that breaks off. ──

/// True if the upstream is to blame, and may have the rest.
bool may_have_rest(Errc fault) {
  return fault == Errc::response_incomplete || fault == Errc::response_timeout;
}

/// Returns the point where the download would go on if it broke off; null if it could not. A body
/// that is here already is not examined.
std::unique_ptr<Download> download_of(Exchange& exchange, Attempt& attempt, bool links,
                                      bool close) {
  const bool asked = exchange.options().resume_downloads && !links && attempt.uploaded() &&
                     !exchange.request.expects_continue && !exchange.body.unkept();
  if (!asked || attempt.holds_whole_body()) return nullptr;
  auto point = ResumePoint::of(exchange.request.method, attempt.response(), attempt.framing());
  if (!point) return nullptr;
  return std::make_unique<Download>(Download{*std::move(point), {}, close});
}

/// Notes how much has come so far, and what to ask for next.
[[gnu::cold]] void note_break(Exchange& exchange, std::uint64_t received) {
  Download& download = *exchange.progress.download();
  download.point.advance(received);
  download.received = received;
  download.request_head = download.point.request_head(exchange.request.head);
}

/// Ends a gRPC call with UNAVAILABLE, which its client may retry. To the client, a broken stream
/// would mean INTERNAL. If the client takes nothing at the moment, the stream breaks all the same.
void end_call(Exchange& exchange, const Error& why, http::Framing::Kind framing) {
  const bool upstreams = may_have_rest(why.code) || why.code == Errc::response_malformed;
  const bool takes_status = exchange.request.grpc && exchange.request.wants_trailers &&
                            framing == http::Framing::Kind::chunked;
  if (!upstreams || !takes_status || !exchange.client.out.empty()) return;
  std::string end(http::kLastChunk);
  http::append_grpc_status(end, http::GrpcStatus::unavailable, why.detail);
  end += "\r\n";
  exchange.client.out.write(*exchange.client.stream, end);  // the call ends either way
}

/// Breaks the response, which cannot be completed.
[[gnu::cold]] Disposition cut(Exchange& exchange, const Error& why, http::Framing::Kind framing) {
  exchange.account.cut = cut_reason(why.code);
  if (why.code != Errc::client_left) report_cut(exchange, why);
  end_call(exchange, why, framing);
  // A cut response must not look whole: without a length, only a broken connection tells.
  return framing == http::Framing::Kind::until_close ? Disposition::cut : Disposition::close;
}

/// After a 101: relays bytes both ways until both sides have ended. A side that ends its own
/// direction has not left, so the wait does not end for that.
[[gnu::cold]] Task<Disposition> tunnel(Exchange& exchange, Attempt& attempt) {
  std::string& lines = exchange.context().scratch.head;
  lines.clear();
  const http::ResponseHead& head = attempt.response();
  const bool safe = append_switch_head(lines, head, exchange.request, exchange.account.attempts);
  if (!safe) co_return co_await refuse_head(exchange);
  exchange.account.status = head.status;
  if (!exchange.client.out.write(*exchange.client.stream, lines)) co_return Disposition::close;

  exchange.end_flight();
  std::optional<Tunnel> joined;
  attempt.open_tunnel(joined);
  Tunnel::Status status = joined->move();
  const auto moved = [&] { return joined->bytes_up() + joined->bytes_down() + attempt.progress(); };
  IdleTimer silence{exchange.now(), moved()};
  while (status == Tunnel::Status::open || status == Tunnel::Status::again) {
    if (status == Tunnel::Status::again) exchange.client.sleeper.wake();
    const Wait wait{exchange.client.sleeper, silence.deadline(exchange.options().idle_timeout)};
    const Wake woke = co_await wait.next();
    status = joined->move();
    silence.note(moved(), exchange.now());
    const bool open = status == Tunnel::Status::open || status == Tunnel::Status::again;
    if (open && woke == Wake::timed_out &&
        silence.late(exchange.options().idle_timeout, exchange.now())) {
      if (!joined->winds_up())
        report_cut(exchange,
                   {Errc::response_timeout, "neither side of the tunnel sent for too long",
                    advice_on(Trouble::silent_body)});
      break;
    }
  }
  if (status == Tunnel::Status::broken && joined->upstream_broke() && !joined->winds_up()) {
    report_cut(exchange, {Errc::response_incomplete, "the upstream's end of the tunnel broke"});
  }
  const bool over = status == Tunnel::Status::over || joined->closed();
  const bool client_broke = status == Tunnel::Status::broken && !joined->upstream_broke();
  exchange.account.whole = over || (joined->winds_up() && !client_broke);
  exchange.account.request_bytes = joined->bytes_up();
  exchange.account.response_bytes = joined->bytes_down();
  co_return over ? Disposition::close : Disposition::cut;
}

/// Relays the response to the request for the rest of a download.
[[gnu::cold]] Task<std::optional<Disposition>> continue_download(Exchange& exchange,
                                                                 Attempt& attempt) {
  Download& download = *exchange.progress.download();
  constexpr http::Framing::Kind kLength = http::Framing::Kind::length;
  if (!download.point.continued_by(attempt.response(), attempt.framing())) {
    const Error why{Errc::response_incomplete, "it broke off, and what came for the rest (status " +
                                                   std::to_string(attempt.response().status) +
                                                   ") does not continue it"};
    co_return cut(exchange, why, kLength);
  }
  ++exchange.account.resumed;
  const TransferState down = attempt.download(kLength, {});
  const base::Result<void> rest = co_await relay_rest(exchange, attempt, down);
  if (rest) co_return finish(exchange, attempt, download.close);
  exchange.account.response_bytes += attempt.response_bytes();
  if (!may_have_rest(rest.error().code)) co_return cut(exchange, rest.error(), kLength);
  note_break(exchange, attempt.response_bytes());
  co_return std::nullopt;
}

}  // namespace

Task<std::optional<Disposition>> relay_response(Exchange& exchange, Attempt& attempt) {
  if (exchange.progress.download()) co_return co_await continue_download(exchange, attempt);
  const http::ResponseHead& head = attempt.response();
  if (head.status == 101) co_return co_await tunnel(exchange, attempt);
  const bool links = relinked(exchange.request.route->options, head);
  if (links) attempt.rewrite_links();
  LinkWatch& watch = exchange.route.shared.link_watch;
  if (!watch.over() && has_links_unasked(exchange.options(), head) && watch.begin()) {
    attempt.look_for_links([&exchange] { report_links(exchange); });
  }
  const http::Framing::Kind framing = delivery_framing(exchange.request, attempt.framing(), links);
  const bool close = !exchange.request.keep_alive || exchange.context().draining ||
                     framing == http::Framing::Kind::until_close;
  std::string& lines = exchange.context().scratch.head;
  lines.clear();
  const bool safe = append_response_head(lines, head, exchange.request,
                                         {framing, close, links, exchange.account.attempts});
  if (!safe) co_return co_await refuse_head(exchange);
  exchange.account.status = head.status;
  std::unique_ptr<Download> resumable = download_of(exchange, attempt, links, close);
  const std::array<std::string_view, 1> before{lines};
  const TransferState down = attempt.download(framing, before);
  if (down == TransferState::all) {
    if (wants_rest(exchange, attempt)) co_await send_rest(exchange, attempt);
    co_return finish(exchange, attempt, close);
  }

  // Nothing has gone out yet if the body was broken from the start.
  const bool broken = down == TransferState::sender_left || down == TransferState::sender_broke;
  if (broken && !attempt.answered()) {
    const Error fault =
        down == TransferState::sender_left
            ? Error{Errc::response_incomplete, "the upstream closed the connection before the body"}
            : Error{Errc::response_malformed, std::string(attempt.body_fault_text())};
    co_return co_await reply(exchange, fault);
  }
  const base::Result<void> rest = co_await relay_rest(exchange, attempt, down);
  if (rest) {
    if (wants_rest(exchange, attempt)) co_await send_rest(exchange, attempt);
    co_return finish(exchange, attempt, close);
  }
  exchange.account.request_bytes = attempt.request_bytes();
  exchange.account.response_bytes += attempt.response_bytes();
  if (!resumable || !may_have_rest(rest.error().code))
    co_return cut(exchange, rest.error(), framing);
  exchange.progress.rare().download = std::move(resumable);
  note_break(exchange, attempt.response_bytes());
  co_return std::nullopt;
}

}  // namespace bearer::relay
