// The keepers of the configuration in force, and those that a reload has replaced.
#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/shared.h"
#include "relay/snapshot.h"
#include "token/control_loop.h"
#include "token/credential.h"
#include "token/refresh/token_refresher.h"

namespace bearer::app {

/// Outlives the service that its keepers serve. A keeper that nobody holds any more ends in the
/// background, which may take some seconds where it spends a refresh token. Only the end of this
/// object waits for that.
class CredentialSet {
 public:
  using Keepers = std::map<std::string, std::shared_ptr<token::TokenRefresher>>;

  /// `clock` outlives this object.
  explicit CredentialSet(const base::Clock& clock) : control_(clock) {}
  /// Ends all credentials at a time, within a few seconds.
  ~CredentialSet();
  CredentialSet(const CredentialSet&) = delete;
  CredentialSet& operator=(const CredentialSet&) = delete;

  // On its owner's thread.
  /// Returns a keeper for each. A keeper whose options have not changed stays, with its token. The
  /// others begin to fetch at once.
  Keepers prepare(const base::SharedList<token::CredentialOptions>& wanted);
  /// Puts these in force.
  void take(Keepers keepers, base::SharedList<token::CredentialOptions> options);

  struct InForce {
    std::string name;
    std::string origin;  ///< see token::CredentialOptions
    std::shared_ptr<token::TokenRefresher> keeper;
  };

  /// Lists the credentials in force. Any thread.
  std::vector<InForce> list() const;
  Keepers in_force() const;
  /// Makes each credential fetch at once.
  void kick_all() const;
  /// Makes those fetch at once whose last fetch failed, or whose files have changed since. New ones
  /// fetch anyhow.
  void kick_stale() const;

 private:
  std::shared_ptr<token::TokenRefresher> make(
      const base::Shared<token::CredentialOptions>& options);
  /// Any thread.
  void retire(std::unique_ptr<token::TokenRefresher> keeper);
  /// Destroys a retired keeper that has ended. On the loop's thread.
  void release(const token::TokenRefresher& keeper);

  token::ControlLoop control_;  // all keepers fetch on it
  std::mutex retired_mutex_;    // guards the keepers that end
  std::condition_variable one_ended_;
  std::vector<std::unique_ptr<token::TokenRefresher>> retired_;

  mutable std::mutex mutex_;  // guards what follows, which only the owner's thread changes
  base::SharedList<token::CredentialOptions> options_;
  Keepers keepers_;  // last: they retire into the members above
};

}  // namespace bearer::app
