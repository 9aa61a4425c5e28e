// A store in Redis, for the processes of a fleet.
//
// Under `bearer-proxy:NAME:ID:` there are `token` and `refresh_token`, encrypted, each with the
// lifetime of its content (PX), and `hold`, which names the holder and expires after kRedisHold
// (SET NX PX). A holder whose fetch takes longer prolongs it, so that nobody else fetches
// meanwhile: two must not spend one refresh token. NAME is the credential's, for a person who
// looks. ID is derived from its identity with the key, so that two fleets never share a token
// without sharing the key.
//
// The server's own count (PTTL) says how long a token has left, so no two clocks are ever compared.
// Each command touches one credential's keys, and each key holds one value: a Redis that loses its
// memory, or restarts without it, costs one token request.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "token/store/redis_connection.h"
#include "token/store/store.h"
#include "token/store/store_key.h"
#include "token/store_options.h"

namespace bearer::token {

/// A dead holder is replaced after this time. Requests wait longer for a token (token_wait), and a
/// holder has tried to prolong it more than once by then.
inline constexpr base::Duration kRedisHold = std::chrono::seconds(5);
inline constexpr base::Duration kRedisHoldProlonged = kRedisHold / 3;  ///< so often

class RedisStore final : public Store {
 public:
  /// `identity` distinguishes the credential from all others. Loop and resolver outlive the store.
  /// The key's file is read at each use until that has succeeded once.
  RedisStore(StoreOptions options, std::string name, std::string identity, net::Loop& loop,
             net::Resolver& resolver);
  ~RedisStore() override;

  /// A value that the key does not open counts as absent, and is logged.
  net::Task<base::Result<std::optional<Kept>>> read(StoreItem item) override;
  net::Task<base::Result<void>> write(StoreItem item, const base::Secret& text,
                                      base::Duration life) override;
  net::Task<base::Result<bool>> try_hold() override;
  net::Task<void> release() override;

 private:
  class Hold;

  base::Result<void> have_key();
  std::string key_of(std::string_view item) const;
  std::string purpose_of(std::string_view item) const;

  const StoreOptions options_;
  const std::string name_;
  const std::string identity_;
  net::Loop& loop_;
  net::Resolver& resolver_;
  RedisConnection connection_;
  std::optional<StoreKey> key_;
  std::unique_ptr<Hold> hold_;  ///< from the moment when it is asked for to its release
  bool complained_ = false;     ///< about a value that does not open; reset when one does
};

}  // namespace bearer::token
