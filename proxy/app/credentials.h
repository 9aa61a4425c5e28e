// The refreshers of the credentials in force, and those that a reload has replaced.
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

/// Outlives the service that its refreshers serve. A refresher that nobody holds any more ends in
/// the background, which may take some seconds where it spends a refresh token. Only the end of
/// this object waits for that.
class CredentialSet {
 public:
  using Refreshers = std::map<std::string, std::shared_ptr<token::TokenRefresher>>;

  /// `clock` outlives this object.
  explicit CredentialSet(const base::Clock& clock) : control_(clock) {}
  /// Ends all credentials at a time, within a few seconds.
  ~CredentialSet();
  CredentialSet(const CredentialSet&) = delete;
  CredentialSet& operator=(const CredentialSet&) = delete;

  // On its owner's thread.
  /// Returns a refresher for each. A refresher whose options have not changed stays, with its
  /// token. The others begin to fetch at once.
  Refreshers prepare(const base::SharedList<token::CredentialOptions>& wanted);
  /// Puts these in force.
  void take(Refreshers refreshers, base::SharedList<token::CredentialOptions> options);

  struct InForce {
    std::string name;
    std::string source;  ///< token::CredentialOptions::source_text()
    std::shared_ptr<token::TokenRefresher> refresher;
  };

  /// Lists the credentials in force. Any thread.
  std::vector<InForce> list() const;
  Refreshers in_force() const;
  /// Makes each credential fetch at once.
  void refresh_all() const;
  /// Makes those fetch at once whose last fetch failed, or whose files have changed since. New ones
  /// fetch anyhow.
  void refresh_stale() const;

 private:
  std::shared_ptr<token::TokenRefresher> make(
      const base::Shared<token::CredentialOptions>& options);
  /// Any thread.
  void retire(std::unique_ptr<token::TokenRefresher> refresher);
  /// Destroys a retired refresher that has ended. On the loop's thread.
  void release(const token::TokenRefresher& refresher);

  token::ControlLoop control_;  // all refreshers fetch on it
  std::mutex retired_mutex_;    // guards the refreshers that end
  std::condition_variable one_ended_;
  std::vector<std::unique_ptr<token::TokenRefresher>> retired_;

  mutable std::mutex mutex_;  // guards what follows, which only the owner's thread changes
  base::SharedList<token::CredentialOptions> options_;
  Refreshers refreshers_;  // last: they retire into the members above
};

}  // namespace bearer::app
