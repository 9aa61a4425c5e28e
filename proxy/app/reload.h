// SIGHUP: reads the configuration again, and has the proxy go by it.
#pragma once

#include <functional>

#include "app/credentials.h"
#include "app/shared_pauses.h"
#include "config/settings.h"
#include "relay/access_log.h"
#include "relay/service.h"

namespace bearer::app {

/// What the data plane is made of: the options of `settings`, and the names of its own addresses.
relay::ServiceOptions service_options(const config::Settings& settings);

/// By name, as routes see them.
relay::Credentials sources(const Credentials::Keepers& keepers);

/// Used by one thread.
class Reload {
 public:
  struct Parts {
    std::function<config::Settings()> read;  ///< throws a ConfigError
    Credentials& credentials;
    relay::Service& service;
    FleetPauses& pauses;
    relay::AccessLog* access_log = nullptr;  ///< opened anew, for those who rotate it; may be null
  };
  Reload(config::Settings in_force, Parts parts);

  /// A configuration that cannot be used is refused, and said in the log; the one before goes on.
  /// Secrets and certificates are read anew, also where no setting has changed.
  void operator()();

  const config::Settings& in_force() const { return in_force_; }

 private:
  /// Errc as Service::reload().
  base::Result<void> go_by(config::Settings wanted);

  config::Settings in_force_;
  Parts parts_;
};

}  // namespace bearer::app
