// SIGHUP: reads the configuration again, and applies it to the proxy.
#pragma once

#include <functional>

#include "app/proxy.h"
#include "config/settings.h"

namespace bearer::app {

/// Used by one thread.
class Reload {
 public:
  /// `read` throws a ConfigError; the proxy outlives this object.
  Reload(std::function<config::Settings()> read, Proxy& proxy)
      : read_(std::move(read)), proxy_(proxy), began_(proxy.settings()) {}

  /// Refuses a configuration that cannot be used, and logs that; the one before stays. Secrets and
  /// certificates are read again even if no setting has changed. The access log's file is opened
  /// again, for log rotation.
  void operator()();

 private:
  /// Errc as Proxy::apply().
  base::Result<void> apply(config::Settings wanted);

  const std::function<config::Settings()> read_;
  Proxy& proxy_;
  const config::Settings began_;
};

}  // namespace bearer::app
