#include "relay/relay_response.h"

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "relay/body/idle_timer.h"
#include "relay/reply.h"
#include "relay/response_head.h"

namespace bearer::relay {
namespace {

using base::Errc;
using net::Task;
using net::Wait;
using net::Wake;

/// The upstream's head cannot be forwarded safely, so nothing of its answer is.
Task<Disposition> refuse_head(Exchange& exchange) {
  LocalReply answer = reply_for(Errc::response_malformed, "its Connection field names too much");
  co_return co_await reply(exchange, std::move(answer));
}

Task<Disposition> finish(Exchange& exchange, Attempt& attempt, bool close) {
  exchange.account.whole = true;
  exchange.account.request_bytes = attempt.request_bytes();
  exchange.account.response_bytes = attempt.response_bytes();
  attempt.release();
  if (close) co_return Disposition::close;
  if (exchange.body.received()) co_return Disposition::next_request;
  if (exchange.request.expects_continue) co_return Disposition::close;
  co_return co_await discard(exchange.client, exchange.body);
}

/// The rest of the response, and of the request while it is still on its way. True if the client
/// got all of it.
Task<bool> relay_rest(Exchange& exchange, Attempt& attempt, TransferState down) {
  TransferState up = attempt.uploaded() ? TransferState::all : TransferState::some;
  IdleTimer silence{exchange.now(), attempt.progress()};
  while (down == TransferState::some || down == TransferState::again) {
    if (down == TransferState::again || up == TransferState::again) exchange.client.sleeper.wake();
    const Wait wait = exchange.until(silence.deadline(exchange.options.idle_timeout));
    const Wake woke = co_await wait.next();
    if (woke == Wake::peer_closed) co_return false;
    if (up == TransferState::some || up == TransferState::again) up = attempt.upload();
    if (up == TransferState::sender_left || up == TransferState::sender_broke) co_return false;
    down = attempt.download();
    silence.note(attempt.progress(), exchange.now());
    if (woke == Wake::timed_out && silence.late(exchange.options.idle_timeout, exchange.now()))
      co_return false;
  }
  co_return down == TransferState::all;
}

/// After a 101: bytes both ways until both sides have ended. A side that ends its own direction has
/// not left, so nobody's departure ends the wait.
Task<Disposition> tunnel(Exchange& exchange, Attempt& attempt) {
  std::string& lines = exchange.context.scratch.head;
  lines.clear();
  const http::ResponseHead& head = attempt.response();
  const bool safe = append_switch_head(lines, head, exchange.request, exchange.account.attempts);
  if (!safe) co_return co_await refuse_head(exchange);
  exchange.account.status = head.status;
  if (!exchange.client.out.write(*exchange.client.stream, lines)) co_return Disposition::close;

  std::optional<Tunnel> joined;
  attempt.open_tunnel(joined);
  Tunnel::Status status = joined->move();
  IdleTimer silence{exchange.now()};
  while (status == Tunnel::Status::open || status == Tunnel::Status::again) {
    if (status == Tunnel::Status::again) exchange.client.sleeper.wake();
    const Wait wait{exchange.client.sleeper, silence.deadline(exchange.options.idle_timeout)};
    const Wake woke = co_await wait.next();
    status = joined->move();
    silence.note(joined->bytes_up() + joined->bytes_down() + attempt.progress(), exchange.now());
    const bool open = status == Tunnel::Status::open || status == Tunnel::Status::again;
    if (open && woke == Wake::timed_out &&
        silence.late(exchange.options.idle_timeout, exchange.now()))
      break;
  }
  exchange.account.whole = status == Tunnel::Status::over;
  exchange.account.request_bytes = joined->bytes_up();
  exchange.account.response_bytes = joined->bytes_down();
  co_return exchange.account.whole ? Disposition::close : Disposition::cut;
}

}  // namespace

Task<Disposition> relay_response(Exchange& exchange, Attempt& attempt) {
  const http::ResponseHead& head = attempt.response();
  if (head.status == 101) co_return co_await tunnel(exchange, attempt);
  const bool links = relinked(exchange.request, head);
  if (links) attempt.rewrite_links();
  const http::Framing::Kind framing = delivery_framing(exchange.request, attempt.framing(), links);
  const bool close = !exchange.request.keep_alive || exchange.context.draining ||
                     framing == http::Framing::Kind::until_close;
  std::string& lines = exchange.context.scratch.head;
  lines.clear();
  const bool safe = append_response_head(lines, head, exchange.request,
                                         {framing, close, links, exchange.account.attempts});
  if (!safe) co_return co_await refuse_head(exchange);
  exchange.account.status = head.status;
  const std::array<std::string_view, 1> before{lines};
  const TransferState down = attempt.download(framing, before);
  if (down == TransferState::all) co_return co_await finish(exchange, attempt, close);

  // Nothing has gone out yet if the first look found the body broken.
  const bool broken = down == TransferState::sender_left || down == TransferState::sender_broke;
  if (broken && !attempt.answered()) {
    LocalReply answer = down == TransferState::sender_left
                            ? reply_for(Errc::response_incomplete, "the response has no body")
                            : reply_for(Errc::response_malformed, "the response's first chunk");
    co_return co_await reply(exchange, std::move(answer));
  }
  const bool whole = co_await relay_rest(exchange, attempt, down);
  if (whole) co_return co_await finish(exchange, attempt, close);
  exchange.account.request_bytes = attempt.request_bytes();
  exchange.account.response_bytes = attempt.response_bytes();
  // What was cut short must not look whole: without a length only a broken connection tells.
  co_return framing == http::Framing::Kind::until_close ? Disposition::cut : Disposition::close;
}

}  // namespace bearer::relay
