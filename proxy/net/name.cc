#include "net/name.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace bearer::net {
namespace {

constexpr std::chrono::seconds kFresh{30};
constexpr std::chrono::minutes kHeldAgainst{5};  ///< a failure, so long

}  // namespace

struct Name::Lookup {
  Name* name;
};

Name::Name(Loop& loop, Resolver& resolver, std::string host, std::uint16_t port)
    : loop_(loop), resolver_(resolver), host_(std::move(host)), port_(port) {}

Name::~Name() {
  if (lookup_) lookup_->name = nullptr;
}

void Name::ask() {
  if (lookup_) return;
  lookup_ = std::make_shared<Lookup>(Lookup{this});
  resolver_.resolve(host_, port_, [&loop = loop_, lookup = lookup_](auto answer) {
    loop.post([lookup, answer = std::move(answer)]() mutable {
      if (lookup->name) lookup->name->answered(std::move(answer));
    });
  });
}

void Name::answered(base::Result<SocketAddresses> answer) {
  lookup_.reset();
  ++answers_;
  known_at_ = loop_.now();  // a failure is not asked again at once either
  if (answer) {
    learn(std::move(*answer));
  } else {
    failure_ = answer.error();  // what was known stays: a name server's fault is not the name's
  }
  waiting_.wake_all();
}

void Name::refresh() {
  if (loop_.now() - known_at_ >= kFresh) ask();
}

void Name::learn(SocketAddresses addresses) {
  const bool held = loop_.now() - failed_at_ < kHeldAgainst;
  const SocketAddresses failed(known_.end() - (held ? failed_ : 0), known_.end());
  known_ = std::move(addresses);
  failed_ = 0;
  for (const SocketAddress& address : failed) put_last(address);
}

void Name::put_last(const SocketAddress& address) {
  const auto place = std::ranges::find(known_, address);
  if (place == known_.end()) return;
  if (known_.end() - place > failed_) ++failed_;
  std::rotate(place, place + 1, known_.end());
  if (failed_ == std::ssize(known_)) failed_ = 0;  // none is better than another
}

void Name::failed(const SocketAddress& address) {
  put_last(address);
  failed_at_ = loop_.now();
}

bool Name::has(const SocketAddress& address) const {
  return std::ranges::find(known_, address) != known_.end();
}

Task<base::Result<SocketAddresses>> Name::addresses(const Wait& wait) {
  if (!known_.empty()) {
    refresh();
    co_return known_;
  }
  const WaitList::Place place(waiting_, wait.sleeper);
  const std::uint64_t before = answers_;
  ask();
  for (;;) {
    const Woke woke = co_await wait.next();
    if (!known_.empty()) co_return known_;
    if (answers_ != before) co_return failure_;
    if (woke == Woke::left) co_return base::Error{base::Errc::client_left, ""};
    if (woke == Woke::late) {
      co_return base::Error{base::Errc::connect_timeout, "looking up " + host_};
    }
  }
}

}  // namespace bearer::net
