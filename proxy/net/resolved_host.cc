#include "net/resolved_host.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace bearer::net {
namespace {

constexpr std::chrono::seconds kFresh{30};
constexpr std::chrono::minutes kOld{5};
constexpr std::chrono::seconds kJustAnswered{1};
constexpr std::chrono::seconds kPatience{1};
constexpr std::chrono::minutes kHeldAgainst{5};  ///< of a failed address

}  // namespace

struct ResolvedHost::Lookup {
  ResolvedHost* name;
};

ResolvedHost::ResolvedHost(Loop& loop, Resolver& resolver, std::string host, std::uint16_t port)
    : loop_(loop), resolver_(resolver), host_(std::move(host)), port_(port) {}

ResolvedHost::~ResolvedHost() {
  if (lookup_) lookup_->name = nullptr;
}

void ResolvedHost::ask() {
  if (lookup_) return;
  asked_at_ = loop_.now();
  lookup_ = std::make_shared<Lookup>(Lookup{this});
  resolver_.resolve(host_, port_, [&loop = loop_, lookup = lookup_](auto answer) {
    loop.post([lookup, answer = std::move(answer)]() mutable {
      if (lookup->name) lookup->name->answered(std::move(answer));
    });
  });
}

void ResolvedHost::answered(base::Result<SocketAddresses> answer) {
  lookup_.reset();
  ++answers_;
  known_at_ = loop_.now();  // so that a failure is not followed by another query at once
  if (answer) {
    learn(std::move(*answer));
  } else {
    failure_ = answer.error();  // known addresses stay: the name server's fault is not the name's
  }
  waiting_.wake_all();
}

void ResolvedHost::refresh() {
  if (age() >= kFresh) ask();
}

void ResolvedHost::learn(SocketAddresses addresses) {
  const bool held = loop_.now() - failed_at_ < kHeldAgainst;
  const SocketAddresses failed(known_.end() - (held ? failed_ : 0), known_.end());
  known_ = std::move(addresses);
  failed_ = 0;
  for (const SocketAddress& address : failed) put_last(address);
}

void ResolvedHost::put_last(const SocketAddress& address) {
  const auto place = std::ranges::find(known_, address);
  if (place == known_.end()) return;
  if (known_.end() - place > failed_) ++failed_;
  std::rotate(place, place + 1, known_.end());
  if (failed_ == std::ssize(known_)) failed_ = 0;  // all failed: none is better than another
}

void ResolvedHost::failed(const SocketAddress& address) {
  put_last(address);
  failed_at_ = loop_.now();
}

bool ResolvedHost::has(const SocketAddress& address) const {
  return std::ranges::find(known_, address) != known_.end();
}

Task<base::Result<SocketAddresses>> ResolvedHost::addresses(const Wait& wait) {
  if (known_.empty() || age() >= kOld) co_return co_await answer(wait);
  refresh();
  co_return known_;
}

Task<base::Result<SocketAddresses>> ResolvedHost::newer(const Wait& wait) {
  if (age() >= kJustAnswered) co_return co_await answer(wait);
  co_return known_;
}

Task<base::Result<SocketAddresses>> ResolvedHost::answer(const Wait& wait) {
  const WaitList::Place place(waiting_, wait.sleeper);
  const std::uint64_t before = answers_;
  ask();
  // If a name server hangs, all that wait for it do so during the same second.
  const base::Instant limit = known_.empty() ? base::kNever : asked_at_ + kPatience;
  const Wait patience{wait.sleeper, std::min(wait.deadline, limit), wait.cancel_on};
  while (answers_ == before) {
    const Wake woke = co_await patience.next();
    if (answers_ != before) break;
    if (woke == Wake::peer_closed) co_return base::Error{base::Errc::client_left, ""};
    if (woke == Wake::ready) continue;
    if (!known_.empty()) break;
    co_return base::Error{base::Errc::connect_timeout, "looking up " + host_};
  }
  if (known_.empty()) co_return failure_;
  co_return known_;
}

}  // namespace bearer::net
