#include "token/store/stored_fetcher.h"

#include <algorithm>
#include <utility>

#include "base/random.h"
#include "token/expiry.h"
#include "token/store/shared_token.h"

namespace bearer::token {
namespace {

// A holder needs a round trip to the token endpoint: the looks come soon, then less often.
constexpr base::Duration kLookMin = std::chrono::milliseconds(20);
constexpr base::Duration kLookMax = std::chrono::milliseconds(320);

}  // namespace

net::Task<base::Result<Fetched>> StoredFetcher::fetch() {
  waits_ = false;
  net::Sleeper sleeper(loop_);
  const FetchTurn::Leaving leaving(*parts_.turn);
  base::Instant patience_ends = base::after(clock_.now(), kPatience + parts_.fetch_max);
  for (base::Duration pause = kLookMin;; pause = std::min(2 * pause, kLookMax)) {
    base::Result<std::optional<Fetched>> found = co_await unseen();
    if (!found) co_return co_await fetch_alone(found.error());
    if (*found) co_return std::move(**found);
    const base::Instant queued = clock_.now();
    co_await parts_.turn->take();
    patience_ends =
        base::after(patience_ends, clock_.now() - queued);  // nobody else is to blame for that wait
    held_ = true;  // it may be, if the task is destroyed meanwhile
    const base::Result<bool> held = co_await parts_.store->try_hold();
    held_ = held && *held;
    if (!held) co_return co_await fetch_alone(held.error());
    waits_ = !held_;
    if (held_) co_return co_await fetch_as_holder();
    if (clock_.now() >= patience_ends) {
      base::Error idle{base::Errc::store_unusable, "another process holds it and does nothing"};
      co_return co_await fetch_alone(std::move(idle));
    }
    parts_.turn->leave();
    const base::Instant next_look = clock_.now() + jittered(pause);
    co_await sleeper.sleep(next_look);
  }
}

net::Task<base::Result<std::optional<Fetched>>> StoredFetcher::unseen() {
  const base::Instant now = clock_.now();
  const base::Result<std::optional<Kept>> kept = co_await parts_.store->read(StoreItem::token);
  if (!kept) co_return kept.error();
  if (!*kept) co_return std::optional<Fetched>();
  std::optional<SharedToken> shared = from_text(**kept, now);
  if (!shared || shared->publication == seen_) co_return std::optional<Fetched>();
  if (shared->token.expires <= clock_.now()) co_return std::optional<Fetched>();
  seen_ = std::move(shared->publication);
  shared->token.shared = true;
  shared->token.binding = parts_.binding;
  co_return std::optional(std::move(shared->token));
}

net::Task<base::Result<Fetched>> StoredFetcher::fetch_as_holder() {
  base::Result<std::optional<Fetched>> found = co_await unseen();
  if (found && *found) {
    co_await let_go();
    co_return std::move(**found);
  }
  base::Result<Fetched> fetched = co_await parts_.inner->fetch();
  if (fetched) co_await publish(*fetched);
  co_await let_go();
  co_return fetched;
}

net::Task<base::Result<Fetched>> StoredFetcher::fetch_alone(base::Error why) {
  waits_ = false;
  parts_.on_fault(why);
  co_return co_await parts_.inner->fetch();
}

net::Task<void> StoredFetcher::publish(const Fetched& fetched) {
  const SharedToken shared{base::random_id(), fetched};
  const base::Duration life = fetched.expires - clock_.now();
  if (life <= base::Duration::zero()) co_return;
  const base::Secret text = to_text(shared);
  const base::Result<void> written = co_await parts_.store->write(StoreItem::token, text, life);
  if (written) {
    seen_ = shared.publication;
  } else {
    parts_.on_fault(written.error());
  }
}

net::Task<void> StoredFetcher::let_go() {
  co_await parts_.store->release();
  held_ = false;
}

net::Task<void> StoredFetcher::close() {
  co_await parts_.inner->close();
  if (held_) co_await let_go();
}

base::Duration StoredFetcher::jittered(base::Duration about) {
  return about / 2 + portion(about / 2, parts_.random->unit());
}

}  // namespace bearer::token
