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

/// Ends the hold even if the fetch throws: otherwise the others would wait in vain.
struct HoldEnds {
  Store& store;
  ~HoldEnds() { store.release(); }
};

}  // namespace

base::Result<Fetched> StoredFetcher::fetch() {
  waits_ = false;
  const base::Instant patience_ends = clock_.now() + kPatience;
  for (base::Duration pause = kLookMin;; pause = std::min(2 * pause, kLookMax)) {
    base::Result<std::optional<Fetched>> found = unseen();
    if (!found) return fetch_alone(found.error());
    if (*found) return std::move(**found);
    const base::Result<bool> held = parts_.store->try_hold();
    if (!held) return fetch_alone(held.error());
    waits_ = !*held;
    if (*held) return fetch_as_holder();
    if (clock_.now() >= patience_ends) {
      return fetch_alone({base::Errc::store_unusable, "another process holds it and does nothing"});
    }
    wait(pause);
    if (cancelled_) return base::Error{base::Errc::token_unreachable, "the wait was cancelled"};
  }
}

base::Result<std::optional<Fetched>> StoredFetcher::unseen() {
  const base::Instant now = clock_.now();
  const base::Result<std::optional<Kept>> kept = parts_.store->read(StoreItem::token);
  if (!kept) return kept.error();
  if (!*kept) return std::optional<Fetched>();
  std::optional<SharedToken> shared = from_text(**kept, now);
  if (!shared || shared->publication == seen_) return std::optional<Fetched>();
  if (shared->token.expires <= clock_.now()) return std::optional<Fetched>();
  seen_ = std::move(shared->publication);
  shared->token.shared = true;
  shared->token.binding = parts_.binding;
  return std::optional(std::move(shared->token));
}

base::Result<Fetched> StoredFetcher::fetch_as_holder() {
  const HoldEnds ends{*parts_.store};
  base::Result<std::optional<Fetched>> found = unseen();
  if (found && *found) return std::move(**found);
  base::Result<Fetched> fetched = parts_.inner->fetch();
  if (fetched) publish(*fetched);
  return fetched;
}

base::Result<Fetched> StoredFetcher::fetch_alone(const base::Error& why) {
  waits_ = false;
  if (!cancelled_) parts_.on_fault(why);
  return parts_.inner->fetch();
}

void StoredFetcher::publish(const Fetched& fetched) {
  const SharedToken shared{base::random_id(), fetched};
  const base::Duration life = fetched.expires - clock_.now();
  if (life <= base::Duration::zero()) return;
  const base::Result<void> written = parts_.store->write(StoreItem::token, to_text(shared), life);
  if (written) {
    seen_ = shared.publication;
  } else if (!cancelled_) {
    parts_.on_fault(written.error());
  }
}

void StoredFetcher::wait(base::Duration about) {
  const base::Duration jitter = portion(about / 2, parts_.random->unit());
  parts_.waiting->wait_until(clock_.now() + about / 2 + jitter);
}

void StoredFetcher::cancel() {
  cancelled_ = true;
  parts_.inner->cancel();
  parts_.store->cancel();
  parts_.waiting->wake();
}

}  // namespace bearer::token
