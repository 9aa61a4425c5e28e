#include "relay/client/lingering.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/count.h"
#include "relay/loop_context.h"

namespace bearer::relay {
namespace {

constexpr std::chrono::seconds kTimeMax{30};
constexpr std::chrono::seconds kSilenceMax{5};
constexpr std::chrono::seconds kTimeMaxInHaste{2};
// A thousand clients that all meet an outage in the middle of an upload are heard out. More hold
// their connections no longer than it takes to say goodbye.
constexpr std::uint64_t kLingerersMax = 1024;
constexpr std::chrono::seconds kTimeMaxInCrowd{2};
constexpr std::uint64_t kBytesMaxInCrowd = 64u << 10;

// After so much the loop's other clients have their turn.
constexpr std::size_t kPieceBytes = 256u << 10;

/// How long one client is listened to.
class Patience {
 public:
  explicit Patience(LoopContext& context)
      : context_(context),
        crowded_(context.lingerers.value() >= kLingerersMax),
        ends_(base::after(context.now(), crowded_ ? kTimeMaxInCrowd : kTimeMax)),
        heard_(context.now()),
        counted_(context.lingerers) {}

  void heard(std::size_t bytes) {
    heard_ = context_.now();
    bytes_ += bytes;
  }
  /// When it ends, unless more comes.
  base::Instant ends() const { return std::min(ends_, base::after(heard_, kSilenceMax)); }
  /// To be asked after a read: what has come by now is no longer silence.
  bool over() {
    const bool haste = context_.draining || context_.place_wanted;
    if (haste) ends_ = std::min(ends_, base::after(context_.now(), kTimeMaxInHaste));
    return context_.now() >= ends() || (crowded_ && bytes_ > kBytesMaxInCrowd);
  }

 private:
  LoopContext& context_;
  const bool crowded_;
  base::Instant ends_;
  base::Instant heard_;
  std::uint64_t bytes_ = 0;
  const base::Counted counted_;
};

std::span<char> piece(Downstream& client) {
  return client.context.scratch.body_space().first(kPieceBytes);
}

}  // namespace

net::Task<Disposition> discard(Downstream& client, BodySource body) {
  Patience patience(client.context);
  while (!body.done()) {
    Gather unwanted;
    const Body::Status status = body.pull(*client.stream, client.in, piece(client), unwanted);
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

net::Task<void> linger(Downstream& client) {
  client.in.clear();
  client.stream->shut();
  Patience patience(client.context);
  for (;;) {
    const net::Io io = client.stream->read(piece(client));
    if (!io.ok() && !io.blocked()) co_return;
    if (io.ok()) patience.heard(io.bytes);
    if (patience.over()) co_return;
    if (io.ok()) client.sleeper.wake();
    co_await client.sleeper.sleep(patience.ends());
  }
}

}  // namespace bearer::relay
