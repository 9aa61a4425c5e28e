#include "relay/delivery.h"

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "relay/reply.h"
#include "relay/response_head.h"
#include "relay/silence.h"

namespace bearer::relay {
namespace {

using base::Errc;
using net::Task;
using net::Wait;
using net::Woke;

/// The upstream's head cannot be forwarded safely, so nothing of its answer is.
Task<Then> refuse_head(Exchange& x) {
  LocalReply answer = reply_for(Errc::response_malformed, "its Connection field names too much");
  co_return co_await reply(x, std::move(answer));
}

Task<Then> finish(Exchange& x, Attempt& attempt, bool close) {
  x.whole = true;
  x.request_bytes = attempt.request_bytes();
  x.response_bytes = attempt.response_bytes();
  attempt.release();
  if (close) co_return Then::close;
  if (x.body.received()) co_return Then::next_request;
  if (x.request.expects_continue) co_return Then::close;
  co_return co_await discard(x.client, x.body);
}

/// The rest of the response, and of the request while it is still on its way. True if the client
/// got all of it.
Task<bool> relay_rest(Exchange& x, Attempt& attempt, Moved down) {
  Moved up = attempt.uploaded() ? Moved::all : Moved::some;
  Silence silence{x.now(), attempt.progress()};
  while (down == Moved::some || down == Moved::again) {
    if (down == Moved::again || up == Moved::again) x.client.sleeper.wake();
    const Wait wait = x.until(silence.deadline(x.options.idle_timeout));
    const Woke woke = co_await wait.next();
    if (woke != Woke::changed) co_return false;
    if (up == Moved::some || up == Moved::again) up = attempt.upload();
    if (up == Moved::sender_left || up == Moved::sender_broke) co_return false;
    down = attempt.download();
    silence.note(attempt.progress(), x.now());
  }
  co_return down == Moved::all;
}

/// After a 101: bytes both ways until both sides have ended. A side that ends its own direction has
/// not left, so nobody's departure ends the wait.
Task<Then> tunnel(Exchange& x, Attempt& attempt) {
  std::string& lines = x.worker.scratch().head;
  lines.clear();
  const http::ResponseHead& head = x.worker.scratch().response;
  const bool safe = append_switch_head(lines, head, x.request, x.attempts);
  if (!safe) co_return co_await refuse_head(x);
  x.status = head.status;
  if (!x.client.out.write(*x.client.stream, lines)) co_return Then::close;

  std::optional<Tunnel> joined;
  attempt.open_tunnel(joined);
  Tunnel::Status status = joined->move();
  Silence silence{x.now()};
  while (status == Tunnel::Status::open || status == Tunnel::Status::again) {
    if (status == Tunnel::Status::again) x.client.sleeper.wake();
    const Wait wait{x.client.sleeper, silence.deadline(x.options.idle_timeout)};
    const Woke woke = co_await wait.next();
    if (woke == Woke::late) break;
    status = joined->move();
    silence.note(joined->bytes_up() + joined->bytes_down() + attempt.progress(), x.now());
  }
  x.whole = status == Tunnel::Status::over;
  x.request_bytes = joined->bytes_up();
  x.response_bytes = joined->bytes_down();
  co_return x.whole ? Then::close : Then::cut;
}

}  // namespace

Task<Then> deliver(Exchange& x, Attempt& attempt) {
  const http::ResponseHead& head = x.worker.scratch().response;
  if (head.status == 101) co_return co_await tunnel(x, attempt);
  const bool links = relinked(x.request, head);
  if (links) attempt.rewrite_links();
  const http::Framing::Kind framing = delivery_framing(x.request, attempt.framing(), links);
  const bool close =
      !x.request.keep_alive || x.worker.draining() || framing == http::Framing::Kind::until_close;
  std::string& lines = x.worker.scratch().head;
  lines.clear();
  const bool safe =
      append_response_head(lines, head, x.request, {framing, close, links, x.attempts});
  if (!safe) co_return co_await refuse_head(x);
  x.status = head.status;
  const std::array<std::string_view, 1> before{lines};
  const Moved down = attempt.download(framing, before);
  if (down == Moved::all) co_return co_await finish(x, attempt, close);

  // Nothing has gone out yet if the first look found the body broken.
  const bool broken = down == Moved::sender_left || down == Moved::sender_broke;
  if (broken && !attempt.answered()) {
    LocalReply answer = down == Moved::sender_left
                            ? reply_for(Errc::response_incomplete, "the response has no body")
                            : reply_for(Errc::response_malformed, "the response's first chunk");
    co_return co_await reply(x, std::move(answer));
  }
  const bool whole = co_await relay_rest(x, attempt, down);
  if (whole) co_return co_await finish(x, attempt, close);
  x.request_bytes = attempt.request_bytes();
  x.response_bytes = attempt.response_bytes();
  // What was cut short must not look whole: without a length only a broken connection tells.
  co_return framing == http::Framing::Kind::until_close ? Then::cut : Then::close;
}

}  // namespace bearer::relay
