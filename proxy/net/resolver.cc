#include "net/resolver.h"

#include <netdb.h>

#include <cerrno>
#include <thread>
#include <utility>

namespace bearer::net {

base::Result<SocketAddresses> resolve(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* first = nullptr;
  const int status = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &first);
  if (status != 0) {
    const char* why = status == EAI_SYSTEM ? std::strerror(errno) : gai_strerror(status);
    return base::Error{base::Errc::resolve_failed, host + ": " + why};
  }
  SocketAddresses addresses;
  for (const addrinfo* info = first; info; info = info->ai_next) {
    SocketAddress address;
    std::memcpy(&address.storage, info->ai_addr, info->ai_addrlen);
    address.size = info->ai_addrlen;
    addresses.push_back(address);
  }
  freeaddrinfo(first);
  return addresses;
}

// Detached, with the queue shared: the end of the program must not wait for a name server.
Resolver::Resolver(Lookup lookup) : queue_(std::make_shared<Queue>()) {
  std::thread([queue = queue_, lookup = std::move(lookup)] { serve(queue, lookup); }).detach();
}

Resolver::~Resolver() {
  const std::lock_guard lock(queue_->mutex);
  queue_->ended = true;
  queue_->questions.clear();
  queue_->changed.notify_one();
}

void Resolver::resolve(std::string host, std::uint16_t port, Done done) {
  const std::lock_guard lock(queue_->mutex);
  queue_->questions.push_back({std::move(host), port, std::move(done)});
  queue_->changed.notify_one();
}

void Resolver::serve(const std::shared_ptr<Queue>& queue, const Lookup& lookup) {
  for (;;) {
    std::unique_lock lock(queue->mutex);
    queue->changed.wait(lock, [&] { return queue->ended || !queue->questions.empty(); });
    if (queue->ended) return;
    Question question = std::move(queue->questions.front());
    queue->questions.pop_front();
    lock.unlock();
    base::Result<SocketAddresses> answer = lookup(question.host, question.port);
    // Under the lock: after the destructor nobody is called any more.
    lock.lock();
    if (!queue->ended) question.done(std::move(answer));
  }
}

}  // namespace bearer::net
