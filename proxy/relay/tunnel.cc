#include "relay/tunnel.h"

namespace bearer::relay {
namespace {

constexpr http::Framing kUntilClose{http::Framing::Kind::until_close, 0};

}  // namespace

Tunnel::Direction::Direction(const End& from, const End& to, std::span<char> scratch)
    : receiver(to.stream),
      bytes(kUntilClose),
      transfer({.body = bytes,
                .from = from.stream,
                .rest = from.rest,
                .to = to.stream,
                .outbox = to.outbox,
                .framing = kUntilClose.kind,
                .trailers = false,
                .scratch = scratch}) {}

Tunnel::Status Tunnel::Direction::move() {
  if (over) return Status::over;
  switch (transfer.move()) {
    case Moved::some: return Status::open;
    case Moved::again: return Status::again;
    case Moved::all:
      receiver.shut();
      over = true;
      return Status::over;
    case Moved::sender_broke:
    case Moved::sender_left:
    case Moved::receiver_left: break;
  }
  return Status::broken;
}

Tunnel::Tunnel(const End& client, const End& upstream, std::span<char> scratch)
    : up_(client, upstream, scratch), down_(upstream, client, scratch) {}

Tunnel::~Tunnel() {
  if (up_.over && down_.over) return;
  up_.receiver.break_on_close();
  down_.receiver.break_on_close();
}

Tunnel::Status Tunnel::move() {
  const Status up = up_.move();
  const Status down = down_.move();
  if (up == Status::broken || down == Status::broken) return Status::broken;
  if (up == Status::again || down == Status::again) return Status::again;
  if (up == Status::over && down == Status::over) return Status::over;
  return Status::open;
}

}  // namespace bearer::relay
