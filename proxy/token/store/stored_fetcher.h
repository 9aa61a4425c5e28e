// Makes many processes one client: one of them fetches, and the others take what it got.
//
// A fetch wants another token than the one that this process got last. At the start that is any
// token; when a renewal is due or the upstream answered 401, it is any token but that one. So
// 1. It reads the store. A publication that is new to this process is the result.
// 2. Otherwise it tries to hold the store. If another process holds it, that one is about to
//    publish: go back to 1. a little later.
// 3. The holder reads once more, because another process may have published and let go in between.
//    Then it fetches, publishes, and lets go. After a failed fetch it lets go too, and the next
//    one tries.
// A holder keeps its hold for as long as its fetch takes. A dead holder's hold ends at once (the
// lock is the kernel's), or within kRedisHold, which is less than requests wait for a token. A
// process that waited for longer than any holder may take, or whose store fails, fetches for itself
// alone: that costs a token request and a line in the log, never a client's request.
//
// A token in the store keeps the lifetime with which it was published, so that every process renews
// it at the same distance from its end. A rotated refresh token is in the store before the token
// that came with it; refresh_tokens.h ensures that.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/random.h"
#include "token/fetch_queue.h"
#include "token/fetcher.h"
#include "token/store/store.h"

namespace bearer::token {

class StoredFetcher final : public Fetcher {
 public:
  struct Parts {
    std::unique_ptr<Fetcher> inner;
    std::shared_ptr<Store> store;
    std::unique_ptr<base::Random> random;
    /// Reports that the store failed, and what is done without it. Called on the loop's thread.
    std::function<void(const base::Error&)> on_fault;
    /// The binding of the store's tokens, which all have the same one: see store_identity(). Null:
    /// Bearer tokens.
    std::shared_ptr<const Binding> binding = {};
    /// The inner fetcher's turn. It is taken before the store is held, because the others have
    /// little patience with a holder. Null: it is always its turn.
    std::shared_ptr<FetchTurn> turn = {};
    /// The longest that a fetch of the inner fetcher takes.
    base::Duration fetch_max = {};
  };

  /// With Parts::fetch_max, it is longer than one holder that died and the one that replaced it.
  static constexpr base::Duration kPatience = kHoldMax + std::chrono::seconds(10);

  /// `loop` must outlive the fetcher.
  StoredFetcher(net::Loop& loop, Parts parts)
      : loop_(loop), clock_(loop.clock()), parts_(std::move(parts)) {
    if (!parts_.turn) parts_.turn = std::make_shared<FetchTurn>();
  }

  net::Task<base::Result<Fetched>> fetch() override;
  std::uint64_t fingerprint() const override { return parts_.inner->fingerprint(); }
  bool watched() const override { return parts_.inner->watched(); }
  std::string waits_for_turn() const override { return parts_.inner->waits_for_turn(); }
  bool waits_for_another() const override { return waits_; }
  bool waits_for_pipe() const override { return parts_.inner->waits_for_pipe(); }
  bool spending() const override { return parts_.inner->spending(); }
  bool unsaved() const override { return parts_.inner->unsaved(); }
  net::Task<void> save() override { return parts_.inner->save(); }
  base::Error ended() const override { return parts_.inner->ended(); }
  /// Lets go of the store, so that the others need not wait when this process ends.
  net::Task<void> close() override;

 private:
  /// A publication that is new to this process, if there is one that has not ended.
  net::Task<base::Result<std::optional<Fetched>>> unseen();
  net::Task<base::Result<Fetched>> fetch_as_holder();
  net::Task<base::Result<Fetched>> fetch_alone(base::Error why);
  net::Task<void> publish(const Fetched& fetched);
  net::Task<void> let_go();
  base::Duration jittered(base::Duration about);

  net::Loop& loop_;
  const base::Clock& clock_;
  Parts parts_;                      // as they were given, with a turn
  std::string seen_;                 ///< the publication that this process took or made last
  std::atomic<bool> waits_ = false;  ///< for another process, which holds the store
  bool held_ = false;                ///< by this process
};

}  // namespace bearer::token
