// What happens to a credential, told to whoever writes logs and counts.
#pragma once

#include <cstdint>

#include "base/clock.h"
#include "base/result.h"
#include "token/fetcher.h"

namespace bearer::token {

/// fetched() and failed() are called by the keeper's thread, the others by any. Must not block.
class Observer {
 public:
  virtual ~Observer() = default;

  /// `expires_in` and `renews_in` count from now.
  virtual void fetched(const Fetched& token, std::uint64_t generation, base::Duration expires_in,
                       base::Duration renews_in) = 0;
  virtual void failed(const base::Error& failure, base::Duration next_try_in) = 0;
  /// A 401 to the token of `generation` forces a fetch.
  virtual void forced(std::uint64_t generation) = 0;
  /// The replay with a fresh token got a 401 too: for so long nothing is forced.
  virtual void held_off(std::uint64_t generation, base::Duration hold_off) = 0;
  virtual void hold_off_ended() = 0;
};

}  // namespace bearer::token
