#include "token/refresh/token_refresher.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

#include "base/advice.h"
#include "base/digest.h"
#include "base/encoding.h"
#include "base/internal_fault.h"
#include "base/text.h"

namespace bearer::token {
namespace {

/// A changed secret is noticed within this time.
constexpr base::Duration kWatchSlice = std::chrono::milliseconds(500);

/// The pause between two tries to save a refresh token.
constexpr base::Duration kSaveGap = std::chrono::seconds(5);

/// `ath` of a proof (RFC 9449 section 4.2).
std::string digest_of(const base::Secret& token) {
  return base::base64url_encode(base::sha256(token.reveal()));
}

/// Calls `event`. An observer's bug must not end the fetches.
template <typename Event>
void tell(Observer& observer, Event event) {
  base::notify("an observer could not be told of a credential's event", [&] { event(observer); });
}

}  // namespace

TokenRefresher::TokenRefresher(base::Duration refresh_margin, net::Loop& loop, Parts parts)
    : loop_(loop),
      clock_(loop.clock()),
      parts_(std::move(parts)),
      schedule_(refresh_margin),
      sleeper_(std::in_place, loop),
      ending_sleeper_(std::in_place, loop) {
  loop_.post([this] {
    running_ = run();
    running_.start();
  });
}

// Functions that others posted for this object have run by then, because the loop keeps the order.
TokenRefresher::~TokenRefresher() {
  if (std::function<void()> end = begin_end()) loop_.post(std::move(end));
  ended_->get_future().wait();
}

std::function<void()> TokenRefresher::begin_end() {
  if (end_begun_.exchange(true)) return {};
  return [this] {
    ending_ = end();
    ending_.start();
  };
}

// The sleepers end on the loop's thread, because they stand in its lists. The sleeper of a
// coroutine that was destroyed ends with it, because it would wake a frame that is gone.
net::Task<void> TokenRefresher::end() {
  co_await await_spent(*parts_.fetcher, *ending_sleeper_);
  running_ = {};
  sleeper_.reset();
  co_await parts_.fetcher->close();
  // This runs only after this coroutine is over, because its frame goes with the object.
  loop_.post([this, ended = ended_] {
    ending_ = {};
    ending_sleeper_.reset();
    over_ = true;
    const std::function<void()> then = std::move(when_ended_);
    ended->set_value();  // now another thread may destroy this object
    if (then) then();
  });
}

void TokenRefresher::when_ended(std::function<void()> then) {
  if (over_) return then();
  when_ended_ = std::move(then);
}

State TokenRefresher::state() const {
  const std::lock_guard lock(mutex_);
  const State::Health health = schedule_.health();
  const bool failed = health == State::Health::unavailable || health == State::Health::rejected;
  return {.token = token_,
          .former =
              former_ && former_->generation > schedule_.rejected_generation() ? former_ : nullptr,
          .health = health,
          .reason = failed ? reason_ : pending_reason(),
          .next_try = schedule_.due(),
          .may_pass = schedule_.may_pass()};
}

/// REQUIRES: the mutex is held.
std::string TokenRefresher::pending_reason() const {
  if (schedule_.due() != base::kNever) return {};
  const std::string ago = base::format_duration(clock_.now() - fetch_began_) + " ago";
  const std::string turn = parts_.fetcher->waits_for_turn();
  if (!turn.empty())
    return "a token was wanted " + ago + ", and its turn has not come yet: " + turn;
  if (parts_.fetcher->waits_for_another()) {
    return "a token was wanted " + ago +
           ", and another process that shares the token store or the refresh token fetches it; if "
           "that one has died, this one does so instead after a while";
  }
  if (parts_.fetcher->waits_for_pipe()) {
    return "a token was wanted " + ago +
           ", and the pipe out of which its secret comes is still open: see what writes there";
  }
  return parts_.source + " was asked for a token " + ago +
         " and has not answered yet: see that it is up and can be reached from here; " +
         base::advice_on(base::Trouble::token_is_slow);
}

bool TokenRefresher::reject(std::uint64_t generation) {
  RefreshSchedule::AfterReject then;
  {
    const std::lock_guard lock(mutex_);
    then = schedule_.reject(clock_.now(), generation);
    if (then == RefreshSchedule::AfterReject::fetch_begins) ++counts_.forced;
  }
  if (then == RefreshSchedule::AfterReject::fetch_begins) {
    // Before the fetch, also in the log.
    tell(*parts_.observer, [&](Observer& observer) { observer.forced(generation); });
    wake();
  }
  return then != RefreshSchedule::AfterReject::nothing_newer;
}

void TokenRefresher::replayed(std::uint64_t generation, bool accepted) {
  RefreshSchedule::HoldOff change;
  {
    const std::lock_guard lock(mutex_);
    change = schedule_.replayed(clock_.now(), generation, accepted);
  }
  if (change.began != base::Duration::zero()) {
    tell(*parts_.observer,
         [&](Observer& observer) { observer.held_off(generation, change.began); });
  }
  if (change.ended) tell(*parts_.observer, [](Observer& observer) { observer.hold_off_ended(); });
}

std::unique_ptr<Subscription> TokenRefresher::subscribe(std::function<void()> on_change) {
  return subscribers_.add(std::move(on_change));
}

void TokenRefresher::refresh_now() {
  {
    const std::lock_guard lock(mutex_);
    schedule_.refresh_now(clock_.now());
  }
  wake();
}

void TokenRefresher::refresh_if_stale() {
  loop_.post([this] {
    const bool failed = [this] {
      const std::lock_guard lock(mutex_);
      return schedule_.health() != State::Health::good;
    }();
    if (failed || parts_.fetcher->fingerprint() != fingerprint_) refresh_now();
  });
}

RefreshCounts TokenRefresher::counts() const {
  const std::lock_guard lock(mutex_);
  return counts_;
}

void TokenRefresher::wake() {
  loop_.post([this] {
    if (sleeper_) sleeper_->wake();
  });
}

net::Task<void> TokenRefresher::run() {
  for (;;) {
    co_await wait_until_due();
    co_await fetch();
    ending_sleeper_->wake();
  }
}

net::Task<void> TokenRefresher::wait_until_due() {
  base::Instant until;
  base::Instant save_due = base::after(clock_.now(), kSaveGap);
  while (!begin_if_due(until)) {
    const bool watching = watches_inputs();
    const bool unsaved = parts_.fetcher->unsaved();
    if (watching) until = std::min(until, clock_.now() + kWatchSlice);
    if (unsaved) until = std::min(until, save_due);
    co_await sleeper_->sleep(until);
    if (watching) see_inputs();
    if (!unsaved || clock_.now() < save_due) continue;
    co_await parts_.fetcher->save();
    save_due = base::after(clock_.now(), kSaveGap);
  }
}

bool TokenRefresher::begin_if_due(base::Instant& until) {
  const std::lock_guard lock(mutex_);
  const base::Instant now = clock_.now();
  until = schedule_.due();
  if (until > now) return false;
  schedule_.begin();
  fetch_began_ = now;
  return true;
}

bool TokenRefresher::watches_inputs() const {
  const std::lock_guard lock(mutex_);
  return schedule_.watches_inputs() || parts_.fetcher->watched();
}

void TokenRefresher::see_inputs() {
  if (parts_.fetcher->fingerprint() == fingerprint_) return;
  const std::lock_guard lock(mutex_);
  schedule_.inputs_changed(clock_.now());
}

net::Task<void> TokenRefresher::fetch() {
  fingerprint_ = parts_.fetcher->fingerprint();  // before the fetch: a change during it is seen
  base::Result<Fetched> outcome = co_await guarded_fetch(*parts_.fetcher);
  if (outcome) {
    take(std::move(*outcome));
  } else {
    note(outcome.error());
  }
}

void TokenRefresher::take(Fetched fetched) {
  const base::Instant now = clock_.now();
  const double chance = parts_.random->unit();
  base::Instant due;
  TokenPtr token;
  TokenPtr before_former;  // its last owner wipes it, which must not be under the lock
  {
    const std::lock_guard lock(mutex_);
    schedule_.fetched(now, fetched.sent, std::min(fetched.expires, fetched.renewable_until),
                      chance);
    ++(fetched.shared ? counts_.shared : counts_.fetched);
    counts_.lifetime = fetched.lifetime();
    due = schedule_.due();
    std::string digest = fetched.binding ? digest_of(fetched.value) : std::string();
    token = std::make_shared<const Token>(Token{std::move(fetched.value), schedule_.generation(),
                                                fetched.sent, fetched.expires, fetched.attributes,
                                                fetched.binding, std::move(digest)});
    TokenPtr former = std::exchange(token_, token);
    if (former && former->generation <= schedule_.rejected_generation()) former.reset();
    before_former = std::exchange(former_, std::move(former));
  }
  subscribers_.notify();
  tell(*parts_.observer, [&](Observer& observer) {
    observer.fetched(fetched, token->generation, token->expires - now, due - now);
  });
}

void TokenRefresher::note(const base::Error& failure) {
  const base::Instant now = clock_.now();
  const double chance = parts_.random->unit();
  base::Instant due;
  {
    const std::lock_guard lock(mutex_);
    schedule_.failed(now, failure, chance);
    ++counts_.failed[failure.code];
    reason_ = failure.sentence();
    due = schedule_.due();
  }
  subscribers_.notify();
  tell(*parts_.observer, [&](Observer& observer) { observer.failed(failure, due - now); });
}

}  // namespace bearer::token
