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
#include "net/task.h"

namespace bearer::token {

/// The longest that a dead holder's hold may last; see try_hold(). One that lives keeps it.
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

/// One credential's part of a store. Used on its loop's thread, one call at a time, each of which
/// ends within a few seconds; its arguments outlive the task. Every failure is Errc::store_unusable
/// with a detail for a person: the caller goes on without the store.
class Store {
 public:
  virtual ~Store() = default;

  /// nullopt if nothing was written, it has ended, or it cannot be trusted.
  virtual net::Task<base::Result<std::optional<Kept>>> read(StoreItem item) = 0;
  /// Replaces the whole text for everybody, as durably as the store can. Nobody finds it after
  /// `life` has passed.
  virtual net::Task<base::Result<void>> write(StoreItem item, const base::Secret& text,
                                              base::Duration life) = 0;

  /// True: only this process refreshes, until release(), or until the others notice its death.
  /// False: another process does.
  virtual net::Task<base::Result<bool>> try_hold() = 0;
  /// Lets go. If that fails, the hold ends by itself.
  virtual net::Task<void> release() = 0;
};

}  // namespace bearer::token
