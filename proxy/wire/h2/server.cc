#include "wire/h2/server.h"

#include <cstddef>
#include <utility>

namespace bearer::wire::h2 {

Server::Server(net::Stream& stream, net::Sleeper& sleeper, HasPlace has_place)
    : has_place_(std::move(has_place)),
      session_(stream, sleeper,
               {.role = Session::Role::server, .accept = [this] { return accept(); }}) {}

Channel* Server::accept() {
  const bool first = session_.served() == 0 && waiting() == 0;
  if (!first && !has_place_(waiting())) return nullptr;
  return begun_.emplace_back(std::make_unique<ServerStream>()).get();
}

std::unique_ptr<ServerStream> Server::next() {
  for (; waiting() > 0; ++taken_) {
    const ServerStream& first = *begun_[taken_];
    if (first.peer_closed()) continue;  // before anybody began to serve it
    if (!first.arrived()) break;
    return std::move(begun_[taken_++]);
  }
  begun_.erase(begun_.begin(), begun_.begin() + static_cast<std::ptrdiff_t>(taken_));
  if (begun_.empty()) begun_.shrink_to_fit();  // an idle connection holds none
  taken_ = 0;
  return nullptr;
}

}  // namespace bearer::wire::h2
