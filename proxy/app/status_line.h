// Tells the service manager, in one line, how the credentials are, whenever that changes.
#pragma once

#include <memory>
#include <vector>

#include "app/credentials.h"
#include "app/service_manager.h"
#include "base/clock.h"
#include "token/source.h"

namespace bearer::app {

/// Used by one thread. The constructor's arguments outlive it.
class StatusLine {
 public:
  StatusLine(const ServiceManager& manager, const base::Clock& clock)
      : manager_(manager), clock_(clock) {}

  /// Reports on these from now on.
  void follow(CredentialSet::Refreshers refreshers);

 private:
  void tell() const;

  const ServiceManager& manager_;
  const base::Clock& clock_;
  CredentialSet::Refreshers refreshers_;  // changed only while there is no subscription
  std::vector<std::unique_ptr<token::Subscription>> subscriptions_;
};

}  // namespace bearer::app
