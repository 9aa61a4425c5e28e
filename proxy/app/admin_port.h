// Connects the admin port with the parts that it shows and acts on.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "admin/server.h"
#include "app/credentials.h"
#include "app/trace_exporter.h"
#include "base/clock.h"
#include "base/metrics.h"
#include "base/result.h"
#include "config/settings.h"
#include "net/listener.h"
#include "relay/service.h"
#include "relay/telemetry/access_log.h"

namespace bearer::app {

/// Does nothing with `--admin off`. Used by one thread. Outlives the service, whose loops answer to
/// it.
class AdminPort {
 public:
  /// Opens the address. Errc::address_unusable, with the setting and the fix.
  static base::Result<std::unique_ptr<AdminPort>> open(const config::Settings& settings,
                                                       const base::Clock& clock);

  /// `http://127.0.0.1:9180`, `unix:/path`, with the port that was chosen.
  const std::vector<std::string>& urls() const { return urls_; }

  /// The parts that it shows and acts on.
  struct Parts {
    const CredentialSet& credentials;
    relay::Service& service;
    const relay::AccessLog* access_log = nullptr;  ///< may be null
    const TraceExporter* traces = nullptr;         ///< likewise
  };
  /// Begins to answer. The parts live until stop().
  void start(const Parts& parts);
  /// Applies a new configuration. Only allowed_uids takes effect.
  void apply(const config::Settings& settings);
  /// The program ends: it is no longer ready from now on.
  void drain() { draining_ = true; }
  void stop();

 private:
  explicit AdminPort(const base::Clock& clock) : clock_(clock), started_(clock.now()) {}
  std::string status(const Parts& parts) const;
  admin::History::Counts counts(const Parts& parts) const;
  std::optional<std::string> unready(const Parts& parts) const;
  base::MetricFamilies metrics(const Parts& parts) const;
  void requests(relay::Service& service, const admin::RequestFilter& filter,
                std::function<void(admin::Hooks::WriteRequests)> then) const;

  const base::Clock& clock_;
  const base::Instant started_;
  std::atomic<bool> draining_ = false;
  std::vector<std::string> urls_;
  std::unique_ptr<admin::Server> server_;  ///< null if it is off
};

/// Returns the URLs to which clients connect: `http://127.0.0.1:8080`, `unix:/path`.
std::vector<std::string> urls_of(const std::vector<net::Listener>& listeners);

}  // namespace bearer::app
