// A place that the processes of a host or of a fleet share, so that one of them gets a token and
// the others take it. A Store only keeps texts and decides who may refresh. shared_token.h defines
// their meaning, and stored_fetcher.h the protocol.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"

namespace bearer::token {

/// A holder that takes longer counts as dead. A token request ends before that: see make_source().
inline constexpr base::Duration kHoldMax = std::chrono::seconds(30);

/// The things that a credential keeps in a store.
enum class StoreItem { token, refresh_token };

/// The name under which every store keeps it.
constexpr std::string_view name(StoreItem item) {
  return item == StoreItem::token ? "token" : "refresh_token";
}

struct Kept {
  base::Secret text;
  base::Duration left;  ///< of its life; positive
};

/// One credential's part of a store. Each call blocks for a few seconds at most. Called by one
/// thread, except for cancel(). Every failure is Errc::store_unusable with a detail for a person;
/// the caller goes on without the store.
class Store {
 public:
  virtual ~Store() = default;

  /// nullopt if nothing was written, it has ended, or it cannot be trusted.
  virtual base::Result<std::optional<Kept>> read(StoreItem item) = 0;
  /// Replaces the whole text for everybody, as durably as the store can. Nobody finds it after
  /// `life` has passed.
  virtual base::Result<void> write(StoreItem item, const base::Secret& text,
                                   base::Duration life) = 0;

  /// True: only this process refreshes, until release() or its death, or for kHoldMax if the others
  /// cannot see its death. False: another process does.
  virtual base::Result<bool> try_hold() = 0;
  /// Ends the hold. If that fails, the hold ends by itself. Does not throw.
  virtual void release() = 0;

  /// Ends the current call soon, and makes every later one fail at once. Any thread.
  virtual void cancel() = 0;
};

}  // namespace bearer::token
