// The keepers of the configuration in force, and those that a reload has put out of it.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "app/main_loop.h"
#include "base/clock.h"
#include "relay/snapshot.h"
#include "token/control_loop.h"
#include "token/credential.h"
#include "token/refresh/token_refresher.h"

namespace bearer::app {

/// Outlives the service that its keepers serve. Whoever lets go of a keeper last, a loop too, does
/// not wait for its end: that is left to the main loop's thread.
class CredentialSet {
 public:
  using Keepers = std::map<std::string, std::shared_ptr<token::TokenRefresher>>;

  /// Both outlive this object.
  CredentialSet(const base::Clock& clock, MainLoop& main_loop)
      : main_loop_(main_loop), control_(clock) {}

  // On the thread of its owner.
  /// A keeper for each. One whose options are what they were goes on with its token, and the
  /// others begin to fetch at once.
  Keepers prepare(const std::vector<token::CredentialOptions>& wanted);
  /// From now on these are in force.
  void take(Keepers keepers, std::vector<token::CredentialOptions> options);

  struct InForce {
    std::string name;
    std::string origin;  ///< see token::CredentialOptions
    std::shared_ptr<token::TokenRefresher> keeper;
  };

  /// Lists those in force. Any thread.
  std::vector<InForce> list() const;
  Keepers in_force() const;
  /// Each fetches at once.
  void kick_all() const;
  /// Those that failed, or whose files have changed since they were read. New ones fetch anyhow.
  void kick_stale() const;

 private:
  std::shared_ptr<token::TokenRefresher> make(const token::CredentialOptions& options);
  void retire(std::unique_ptr<token::TokenRefresher> keeper);

  MainLoop& main_loop_;
  token::ControlLoop control_;  // all keepers fetch on it
  std::mutex retired_mutex_;
  std::vector<std::unique_ptr<token::TokenRefresher>> retired_;

  mutable std::mutex mutex_;  // of what follows, which only the owner's thread changes
  std::vector<token::CredentialOptions> options_;
  Keepers keepers_;  // last: they retire
};

}  // namespace bearer::app
