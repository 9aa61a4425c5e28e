// All that serves requests, made from a configuration. The commands `serve` and `exec` share it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "app/admin_port.h"
#include "app/credentials.h"
#include "app/main_loop.h"
#include "app/shared_pauses.h"
#include "app/trace_exporter.h"
#include "app/upstream_from_token.h"
#include "base/result.h"
#include "config/settings.h"
#include "net/listener.h"
#include "relay/service.h"
#include "relay/telemetry/access_log.h"
#include "relay/telemetry/log_observer.h"
#include "token/source.h"

namespace bearer::app {

/// Listens and fetches tokens from its construction on; serves from start() on. Used by one thread.
class Proxy {
 public:
  /// `main_loop` outlives it.
  struct Parts {
    MainLoop& main_loop;
    std::vector<net::Listener> listeners = {};  ///< in place of `listen`; empty: it opens them
  };
  /// Errc: address_unusable, file_unreadable, file_unwritable, client_certificate_unusable, each
  /// with a sentence.
  static base::Result<std::unique_ptr<Proxy>> make(config::Settings settings, Parts parts);

  ~Proxy();

  void start();
  /// Applies another configuration to new requests. If it fails, as relay::Service::reload() does,
  /// nothing has changed.
  base::Result<void> apply(config::Settings wanted);
  /// Moves routes to the upstreams that the current tokens name. The main loop's thread also does
  /// this by itself soon after a token has come. Requests that waited for that token may still go
  /// where the configuration says.
  void apply_tokens();
  /// The program ends: it is no longer ready from now on, but serves.
  void stop() { admin_->drain(); }

  relay::Service& service() { return *service_; }
  CredentialSet& credentials() { return credentials_; }
  /// The settings in force.
  const config::Settings& settings() const { return settings_; }
  relay::AccessLog* access_log() { return access_log_.get(); }
  /// `http://127.0.0.1:8080`, `unix:/path`, with the ports that were chosen.
  const std::vector<std::string>& urls() const { return urls_; }
  std::vector<std::string> admin_urls() const { return admin_->urls(); }

 private:
  Proxy(config::Settings settings, MainLoop& main_loop,
        std::unique_ptr<relay::AccessLog> access_log, std::unique_ptr<AdminPort> admin);
  void follow_tokens();

  config::Settings settings_;
  MainLoop& main_loop_;
  const std::unique_ptr<relay::AccessLog> access_log_;
  relay::LogObserver log_observer_;
  std::vector<std::string> urls_;
  CredentialSet credentials_;
  const std::unique_ptr<TraceExporter> traces_;  // null if spans are not sent
  const std::unique_ptr<AdminPort> admin_;       // the service's loops answer to it
  std::unique_ptr<relay::Service> service_;
  SharedPauses pauses_;
  UpstreamsFromTokens upstreams_;
  std::vector<std::unique_ptr<token::Subscription>> subscriptions_;  // to the refreshers in force
};

/// Warns if no temporary file can be made, since requests do not tell as long as memory has room.
void warn_of_no_temporary_files();

/// Prints to stderr why there is no proxy. Returns the exit status.
int fail(const base::Error& error);

}  // namespace bearer::app
