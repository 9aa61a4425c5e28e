#include "wire/h2/server.h"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace bearer::wire::h2 {

Server::Server(net::Stream& stream, net::Sleeper& sleeper, Places places, std::size_t& waiting)
    : places_(std::move(places)),
      all_waiting_(waiting),
      session_(stream, sleeper,
               {.role = Session::Role::server, .accept = [this] { return accept(); }}) {}

Channel* Server::accept() {
  if (all_waiting_ >= kWaitingMax && !has_place()) return nullptr;
  ++all_waiting_;
  return begun_.emplace_back(Begun{std::make_unique<ServerStream>(), now()}).stream.get();
}

bool Server::has_place() const {
  if (places_.free()) return true;
  const auto begun = begun_.begin() + static_cast<std::ptrdiff_t>(taken_);
  const auto waiting = std::count_if(
      begun, begun_.end(), [](const Begun& one) { return one.stream->session() != nullptr; });
  return session_.served() == static_cast<std::size_t>(waiting);
}

std::unique_ptr<ServerStream> Server::take() {
  --all_waiting_;
  return std::move(begun_[taken_++].stream);
}

base::Instant Server::next_at() {
  if (!wants_place()) return base::kNever;
  return std::min(refused_at(), base::after(now(), kAskAgain));
}

std::unique_ptr<ServerStream> Server::next() {
  while (waiting() > 0) {
    ServerStream& first = *begun_[taken_].stream;
    if (first.peer_closed()) {  // before anybody began to serve it
      take();
      continue;
    }
    if (!first.arrived()) break;
    if (has_place()) return take();
    places_.make_room();
    if (now() < refused_at()) break;
    session_.reset(first, ErrorCode::refused_stream);
    take();
  }
  begun_.erase(begun_.begin(), begun_.begin() + static_cast<std::ptrdiff_t>(taken_));
  if (begun_.empty()) begun_.shrink_to_fit();  // an idle connection holds none
  taken_ = 0;
  return nullptr;
}

}  // namespace bearer::wire::h2
