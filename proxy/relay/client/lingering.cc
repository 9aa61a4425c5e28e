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

/// Ends sooner if others need the client's place.
class Patience : public wire::Patience {
 public:
  explicit Patience(LoopContext& context)
      : wire::Patience(context.loop, context.lingerers.value() < kLingerersMax ? kCalm : kInCrowd),
        context_(context),
        counted_(context.lingerers) {}

  bool over() {
    if (context_.draining || *context_.place_wanted) shorten(kTimeMaxInHaste);
    return wire::Patience::over();
  }

 private:
  LoopContext& context_;
  const base::Counted counted_;
};

std::span<char> piece(Downstream& client) {
  return client.context.scratch.body_space().first(kPieceBytes);
}

}  // namespace

net::Task<Disposition> discard(Downstream& client, std::unique_ptr<BodySource> body) {
  Patience patience(client.context);
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
  Patience patience(client.context);
  co_await wire::linger(*client.stream, client.sleeper, piece(client), patience);
}

}  // namespace bearer::relay
