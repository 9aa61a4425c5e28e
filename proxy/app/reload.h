// SIGHUP: reads the configuration again, and has the proxy go by it.
#pragma once

#include <functional>

#include "app/proxy.h"
#include "config/settings.h"

namespace bearer::app {

/// Used by one thread.
class Reload {
 public:
  /// `read` throws a ConfigError; the proxy outlives this object.
  Reload(std::function<config::Settings()> read, Proxy& proxy);

  /// A configuration that cannot be used is refused, and said in the log; the one before goes on.
  /// Secrets and certificates are read anew, also where no setting has changed. So is the access
  /// log's file opened, for those who rotate it.
  void operator()();

 private:
  /// Errc as Proxy::go_by().
  base::Result<void> apply(config::Settings wanted);

  const std::function<config::Settings()> read_;
  Proxy& proxy_;
  const config::Settings began_;  ///< without routes and credentials, which may be many
};

}  // namespace bearer::app
