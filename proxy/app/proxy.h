// All that serves requests, made from a configuration: what the commands `serve` and `exec` share.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "app/admin_port.h"
#include "app/credentials.h"
#include "app/inbox.h"
#include "app/shared_pauses.h"
#include "app/upstreams.h"
#include "base/result.h"
#include "config/settings.h"
#include "net/listener.h"
#include "relay/access_log.h"
#include "relay/log_observer.h"
#include "relay/service.h"
#include "token/source.h"

namespace bearer::app {

/// Listens, and begins to fetch tokens, from its making on; serves from start() on. Used by one
/// thread.
class Proxy {
 public:
  /// `inbox` outlives it.
  struct Parts {
    Inbox& inbox;
    std::vector<net::Listener> listeners = {};  ///< in place of `listen`; empty: opened by it
  };
  /// Errc: address_unusable, file_unreadable, file_unwritable, client_certificate_unusable, each
  /// with a sentence.
  static base::Result<std::unique_ptr<Proxy>> make(config::Settings settings, Parts parts);

  ~Proxy();

  void start();
  /// Another configuration for requests from now on. Where it fails, as relay::Service::reload()
  /// does, nothing has changed.
  base::Result<void> go_by(config::Settings wanted);
  /// Has the routes lead where the tokens that are there say. Done without being called, too, by
  /// the inbox's thread, soon after a token has come: requests that waited for it may still go
  /// where the configuration says.
  void go_by_tokens();
  /// The program ends: not ready from now on, but serving.
  void leave() { admin_->drain(); }

  relay::Service& service() { return *service_; }
  Credentials& credentials() { return credentials_; }
  /// In force.
  const config::Settings& settings() const { return settings_; }
  relay::AccessLog* access_log() { return access_log_.get(); }
  /// `http://127.0.0.1:8080`, `unix:/path`, with the ports that were taken.
  const std::vector<std::string>& urls() const { return urls_; }
  std::vector<std::string> admin_urls() const { return admin_->urls(); }

 private:
  Proxy(config::Settings settings, Inbox& inbox, std::unique_ptr<relay::AccessLog> access_log,
        std::unique_ptr<AdminPort> admin);
  void follow_tokens();

  config::Settings settings_;
  Inbox& inbox_;
  const std::unique_ptr<relay::AccessLog> access_log_;
  relay::LogObserver log_observer_;
  std::vector<std::string> urls_;
  Credentials credentials_;
  const std::unique_ptr<AdminPort> admin_;  // the service's loops answer to it
  std::unique_ptr<relay::Service> service_;
  FleetPauses pauses_;
  Upstreams upstreams_;
  std::vector<std::unique_ptr<token::Subscription>> subscriptions_;  // to keepers in force
};

/// Says on stderr why there is no proxy; answers with the exit status.
int fail(const base::Error& error);

}  // namespace bearer::app
