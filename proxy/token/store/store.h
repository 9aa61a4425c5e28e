// A place that the processes of a host or of a fleet share, so that one of them gets a token and
// the others take it. A Store only keeps texts and says who may refresh; what they mean is
// shared_token.h's, and the protocol is stored_fetcher.h's.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"
#include "net/task.h"

namespace bearer::token {

/// A holder that takes longer has died, as far as the others can tell. A token request ends
/// before: see make_source().
inline constexpr base::Duration kHoldMax = std::chrono::seconds(30);

/// A credential keeps these there.
enum class StoreItem { token, refresh_token };

/// Under which every store keeps it.
constexpr std::string_view name(StoreItem item) {
  return item == StoreItem::token ? "token" : "refresh_token";
}

struct Kept {
  base::Secret text;
  base::Duration left;  ///< of its life; positive
};

/// One credential's part of a store. Used on its loop's thread, one call at a time, each of which
/// ends within a few seconds; its arguments outlive the task. Every failure is Errc::store_unusable
/// with a detail for a person: the caller goes on without the store.
class Store {
 public:
  virtual ~Store() = default;

  /// nullopt: nothing was written, it has ended, or what is there cannot be trusted.
  virtual net::Task<base::Result<std::optional<Kept>>> read(StoreItem item) = 0;
  /// Replaces what was there, whole, for everybody, and as durable as the store is. Nobody finds it
  /// once `life` has passed.
  virtual net::Task<base::Result<void>> write(StoreItem item, const base::Secret& text,
                                              base::Duration life) = 0;

  /// True: this process alone refreshes, until release() or its death. Where the others cannot see
  /// its death, until kHoldMax has passed. False: another one does.
  virtual net::Task<base::Result<bool>> try_hold() = 0;
  /// Lets go. If that fails, the hold ends by itself.
  virtual net::Task<void> release() = 0;
};

}  // namespace bearer::token
