#include "relay/body/tunnel.h"

#include <utility>

namespace bearer::relay {
namespace {

constexpr http::Framing kUntilClose{http::Framing::Kind::until_close, 0};

}  // namespace

Tunnel::Direction::Direction(const End& from, const End& to, Protocol protocol,
                             std::span<char> scratch, net::PipePool& pipes)
    : receiver(to.stream),
      outbox(to.outbox),
      bytes(kUntilClose),
      frames(bytes),
      transfer({.body = protocol == Protocol::websocket ? static_cast<Body&>(frames) : bytes,
                .from = from.stream,
                .rest = from.rest,
                .to = to.stream,
                .outbox = to.outbox,
                .framing = kUntilClose.kind,
                .trailers = false,
                .scratch = scratch,
                .pipes = &pipes}) {}

Tunnel::Status Tunnel::Direction::move() {
  if (over) return Status::over;
  switch (transfer.move()) {
    case TransferState::some: return Status::open;
    case TransferState::again: return Status::again;
    case TransferState::all:
      if (!std::exchange(shut, true)) receiver.shut();
      over = receiver.unsent() == 0;
      return over ? Status::over : Status::open;
    case TransferState::sender_broke:
    case TransferState::sender_left: break;
    case TransferState::receiver_left: receiver_broke = true; break;
  }
  broken = true;
  return Status::broken;
}

Tunnel::Tunnel(const End& client, const End& upstream, Protocol protocol, std::span<char> scratch,
               net::PipePool& pipes)
    : up_(client, upstream, protocol, scratch, pipes),
      down_(upstream, client, protocol, scratch, pipes) {}

Tunnel::~Tunnel() {
  if ((up_.over && down_.over) || closed()) return;
  up_.receiver.reset_on_close();
  down_.receiver.reset_on_close();
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
