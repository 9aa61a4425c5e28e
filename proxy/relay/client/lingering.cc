#include "relay/client/lingering.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "base/count.h"
#include "relay/loop_context.h"
#include "wire/lingering.h"

namespace bearer::relay {
namespace {

constexpr wire::Patience::Limits kCalm{.time_max = std::chrono::seconds(30),
                                       .silence_max = std::chrono::seconds(5)};
constexpr std::chrono::seconds kTimeMaxInHaste{2};
// Up to this many clients, such as those that meet an outage in the middle of an upload, are read
// to the end. Further ones hold their connections no longer than a goodbye takes.
constexpr std::uint64_t kLingerersMax = 1024;
constexpr wire::Patience::Limits kInCrowd{.time_max = std::chrono::seconds(2),
                                          .silence_max = std::chrono::seconds(5),
                                          .bytes_max = 64u << 10};

// After this many bytes the loop's other clients have their turn.
constexpr std::size_t kPieceBytes = 256u << 10;

/// Ends sooner if others need the client's place: once it has had its time for that, it counts as
/// idle, and goes when a new client finds no place.
class Patience : public wire::Patience {
 public:
  explicit Patience(Downstream& client)
      : wire::Patience(client.context.loop,
                       client.context.lingerers.value() < kLingerersMax ? kCalm : kInCrowd),
        client_(client),
        counted_(client.context.lingerers) {
    client_.leaves = false;
    client_.idle_since = base::after(client_.context.now(), kTimeMaxInHaste);
  }
  ~Patience() { client_.idle_since = base::kNever; }
  Patience(const Patience&) = delete;
  Patience& operator=(const Patience&) = delete;

  bool over() {
    if (client_.context.draining) shorten(kTimeMaxInHaste);
    return client_.leaves || wire::Patience::over();
  }

 private:
  Downstream& client_;
  const base::Counted counted_;
};

std::span<char> piece(Downstream& client) {
  return client.context.scratch.body_space().first(kPieceBytes);
}

}  // namespace

net::Task<Disposition> discard(Downstream& client, std::unique_ptr<BodySource> body) {
  Patience patience(client);
  while (!body->done()) {
    Gather unwanted;
    const Body::Status status = body->pull(*client.stream, client.in, piece(client), unwanted);
    if (status == Body::Status::done) break;
    if (status == Body::Status::malformed || status == Body::Status::cut)
      co_return Disposition::close;
    const bool more = status == Body::Status::more;
    if (more) patience.heard(unwanted.bytes());
    if (patience.over()) co_return Disposition::drop;
    if (more) client.sleeper.wake();
    co_await client.sleeper.sleep(patience.ends());
  }
  co_return Disposition::next_request;
}

bool sent_all(Downstream& client) {
  return client.stream->read(piece(client)).status == net::Io::Status::ended;
}

net::Task<void> linger(Downstream& client) {
  client.in.clear();
  client.out.reset();  // the client gets no more of it, and others may use the pipe
  Patience patience(client);
  co_await wire::linger(*client.stream, client.sleeper, piece(client), patience);
}

}  // namespace bearer::relay
