#include "wire/h2/server.h"

#include <utility>

namespace bearer::wire::h2 {

Server::Server(net::Stream& stream, net::Sleeper& sleeper, HasPlace has_place)
    : has_place_(std::move(has_place)),
      session_(stream, sleeper,
               {.role = Session::Role::server, .accept = [this] { return accept(); }}) {}

Channel* Server::accept() {
  const bool first = session_.served() == 0 && begun_.empty();
  if (!first && !has_place_(begun_.size())) return nullptr;
  return begun_.emplace_back(std::make_unique<ServerStream>()).get();
}

std::unique_ptr<ServerStream> Server::next() {
  while (!begun_.empty()) {
    const bool over = begun_.front()->peer_closed();  // before it was served
    if (!over && !begun_.front()->arrived()) break;
    std::unique_ptr<ServerStream> first = std::move(begun_.front());
    begun_.pop_front();
    if (!over) return first;
  }
  return nullptr;
}

}  // namespace bearer::wire::h2
