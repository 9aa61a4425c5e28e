// Shares pauses between the proxies that use the same Redis store: what the upstream told one of
// them holds for the others, too.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "app/machine_wait.h"
#include "app/redis_pauses.h"
#include "base/clock.h"
#include "base/shared.h"
#include "relay/snapshot.h"
#include "token/credential.h"

namespace bearer::app {

/// The pauses at one store. Looks four times a second, on a thread of its own, so that it delays no
/// request. If the store cannot be reached, that is logged once, and it is tried again after a
/// while.
class StorePauses {
 public:
  /// The configuration in force, or null before there is one. Called on that thread.
  using SnapshotInForce = std::function<std::shared_ptr<const relay::Snapshot>()>;

  /// Shares the pauses of the routes whose credential is kept at `store`. `clock` outlives it.
  StorePauses(token::StoreOptions store, std::vector<std::string> credentials,
              SnapshotInForce snapshot, const base::Clock& clock);
  ~StorePauses();

  const token::StoreOptions& store() const { return store_; }
  const std::vector<std::string>& credentials() const { return credentials_; }

 private:
  void run();
  /// False if the store could not be reached.
  bool look();

  const token::StoreOptions store_;
  const std::vector<std::string> credentials_;
  const SnapshotInForce snapshot_;
  const base::Clock& clock_;
  RedisPauses known_;
  relay::FleetPauses pauses_;
  MachineWait waiting_;
  bool reachable_ = true;  ///< as last logged; used by its thread only
  std::atomic<bool> stopping_ = false;
  std::thread thread_;  // last: it uses all of the above
};

/// One SharedPauses for each Redis store that credentials share.
class SharedPauses {
 public:
  SharedPauses(StorePauses::SnapshotInForce snapshot, const base::Clock& clock)
      : snapshot_(std::move(snapshot)), clock_(clock) {}

  /// Shares at the stores of `credentials` from now on; unchanged ones stay. Used by one thread.
  void apply(const base::SharedList<token::CredentialOptions>& credentials);

 private:
  const StorePauses::SnapshotInForce snapshot_;
  const base::Clock& clock_;
  std::vector<std::unique_ptr<StorePauses>> stores_;
};

}  // namespace bearer::app
