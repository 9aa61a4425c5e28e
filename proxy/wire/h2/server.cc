#include "wire/h2/server.h"

#include <utility>

namespace bearer::wire::h2 {

Server::Server(net::Stream& stream, net::Sleeper& sleeper, HasPlace has_place)
    : has_place_(std::move(has_place)),
      session_(stream, sleeper,
               {.role = Session::Role::server, .accept = [this] { return accept(); }}) {}

Channel* Server::accept() {
  if (!has_place_(begun_.size())) return nullptr;
  return begun_.emplace_back(std::make_unique<ServerStream>()).get();
}

Server::Streams Server::arrived() {
  Streams whole, under_way;
  for (auto& stream : std::exchange(begun_, {})) {
    if (stream->peer_closed()) continue;  // before anybody began to serve it
    (stream->arrived() ? whole : under_way).push_back(std::move(stream));
  }
  begun_ = std::move(under_way);
  return whole;
}

}  // namespace bearer::wire::h2
