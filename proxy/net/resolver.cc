#include "net/resolver.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>

#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <map>
#include <mutex>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "base/text.h"

namespace bearer::net {

namespace {

constexpr std::string_view kLocalhost = "localhost";

/// RFC 6761 section 6.3: these names mean this machine, and no name server is asked for them.
bool is_localhost(std::string_view host) {
  if (host.ends_with('.')) host.remove_suffix(1);
  if (host.size() > kLocalhost.size()) {
    const std::size_t dot = host.size() - kLocalhost.size() - 1;
    if (host[dot] != '.' || dot == 0) return false;
    host.remove_prefix(dot + 1);
  }
  return base::iequals(host, kLocalhost);
}

/// An address itself; an IPv6 one without a zone.
bool is_literal(const std::string& host) {
  in_addr four{};
  in6_addr six{};
  return inet_pton(AF_INET, host.c_str(), &four) == 1 ||
         inet_pton(AF_INET6, host.c_str(), &six) == 1;
}

SocketAddresses loopback(std::uint16_t port) {
  SocketAddress v6, v4;
  v6.size = sizeof(sockaddr_in6);
  auto& six = reinterpret_cast<sockaddr_in6&>(v6.storage);
  six.sin6_family = AF_INET6;
  six.sin6_addr = in6addr_loopback;
  v4.size = sizeof(sockaddr_in);
  auto& four = reinterpret_cast<sockaddr_in&>(v4.storage);
  four.sin_family = AF_INET;
  four.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  SocketAddresses addresses{v6, v4};
  for (SocketAddress& address : addresses) address.set_port(port);
  return addresses;
}

}  // namespace

base::Result<SocketAddresses> resolve(const std::string& host, std::uint16_t port) {
  if (is_localhost(host)) return loopback(port);
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

struct Resolver::Lookups {
  using Question = std::pair<std::string, std::uint16_t>;

  Lookups(Lookup its_lookup, std::size_t its_threads_max)
      : lookup(std::move(its_lookup)), threads_max(its_threads_max) {}
  /// The work of one thread.
  void serve();
  /// Answers the only question with an error, if the first thread cannot be made.
  void give_up(const std::string& why);

  const Lookup lookup;
  const std::size_t threads_max;
  std::mutex mutex;  // guards what follows
  std::condition_variable changed;
  std::deque<Question> queue;
  std::map<Question, std::vector<Done>> asked;  // including those that are being looked up
  std::size_t threads = 0;
  std::size_t idle = 0;  // threads without work
  bool ended = false;
};

Resolver::Resolver(Lookup lookup, std::size_t threads_max)
    : lookups_(std::make_shared<Lookups>(std::move(lookup), threads_max)) {}

Resolver::~Resolver() {
  const std::lock_guard lock(lookups_->mutex);
  lookups_->ended = true;
  lookups_->queue.clear();
  lookups_->asked.clear();
  lookups_->changed.notify_all();
}

void Resolver::resolve(std::string host, std::uint16_t port, Done done) {
  if (is_literal(host)) return done(lookups_->lookup(host, port));  // nobody is asked for it
  const std::lock_guard lock(lookups_->mutex);
  Lookups::Question question{std::move(host), port};
  std::vector<Done>& askers = lookups_->asked[question];
  askers.push_back(std::move(done));
  if (askers.size() > 1) return;
  lookups_->queue.push_back(std::move(question));
  if (lookups_->queue.size() <= lookups_->idle) return lookups_->changed.notify_one();
  if (lookups_->threads == lookups_->threads_max) return;
  try {
    // Detached: the program's end must not wait for a name server.
    std::thread([lookups = lookups_] { lookups->serve(); }).detach();
    ++lookups_->threads;
  } catch (const std::system_error& error) {
    if (lookups_->threads == 0) lookups_->give_up(error.code().message());
  }
}

// Without a thread nothing is looked up, so the only question is the one that was just asked.
void Resolver::Lookups::give_up(const std::string& why) {
  const auto asker = asked.extract(queue.front());
  queue.pop_front();
  const base::Error error{base::Errc::resolve_failed,
                          asker.key().first + ": no thread for the lookup (" + why + ")"};
  for (const Done& done : asker.mapped()) done(error);
}

void Resolver::Lookups::serve() {
  std::unique_lock lock(mutex);
  for (;;) {
    ++idle;
    changed.wait(lock, [&] { return ended || !queue.empty(); });
    --idle;
    if (ended) return;
    const Question question = std::move(queue.front());
    queue.pop_front();
    lock.unlock();
    const base::Result<SocketAddresses> answer = lookup(question.first, question.second);
    // Under the lock, because nobody is called after the destructor.
    lock.lock();
    if (ended) return;
    const std::vector<Done> askers = std::move(asked.extract(question).mapped());
    for (const Done& done : askers) done(answer);
  }
}

}  // namespace bearer::net
