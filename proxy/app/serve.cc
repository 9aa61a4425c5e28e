#include "app/serve.h"

#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>

#include <algorithm>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "app/app.h"
#include "app/signals.h"
#include "base/clock.h"
#include "base/log.h"
#include "net/listener.h"
#include "relay/access_log.h"
#include "relay/log_observer.h"
#include "relay/service.h"
#include "token/factory.h"
#include "token/keeper.h"

namespace bearer::app {
namespace {

/// A file that a setting names and that is of no use is a configuration error.
using Keepers = std::vector<std::unique_ptr<token::Keeper>>;

int fail(const base::Error& error) {
  std::cerr << "bearer-proxy: " << error.detail << '\n';
  const bool setting = error.code == base::Errc::file_unreadable ||
                       error.code == base::Errc::client_certificate_unusable;
  return setting ? kUsageError : kRuntimeFailure;
}

/// Each client takes a descriptor, and its request another: as many as we may have, and of them a
/// quarter for upstreams, or clients that wait would leave none for those who answer.
void share_out_descriptors(std::size_t& connections_max) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  const auto for_clients = std::max<rlim_t>(limit.rlim_max / 4 * 3, 1);
  if (connections_max <= for_clients) return;
  base::log(base::LogLevel::warning,
            "fewer clients than --max-connections are taken: the limit on file descriptors "
            "(ulimit -Hn) is low",
            {{"descriptors", static_cast<std::int64_t>(limit.rlim_max)},
             {"clients", static_cast<std::int64_t>(for_clients)}});
  connections_max = for_clients;
}

base::Result<std::vector<net::Listener>> open_listeners(const config::Settings& settings) {
  std::vector<net::Listener> listeners;
  for (const net::Address& address : settings.listen) {
    auto opened = net::Listener::open(address, settings.service.socket_mode);
    if (!opened) return opened.error();
    std::ranges::move(*opened, std::back_inserter(listeners));
  }
  return listeners;
}

void announce(const std::vector<std::string>& addresses) {
  for (const std::string& address : addresses) {
    const bool tcp = !address.starts_with("unix:");
    std::cout << "listening on " << (tcp ? "http://" : "") << address << '\n';
  }
  std::cout << std::flush;
}

/// Waits for the first signal, then lets what is under way come to its end; a second signal cuts
/// it.
int run_until_signal(Signals& signals, relay::Service& service, const Keepers& keepers,
                     base::Duration drain_timeout) {
  signals.wait([&] {
    base::log(base::LogLevel::warning,
              "SIGHUP: tokens are fetched anew; the configuration is read at start only");
    for (const auto& keeper : keepers) keeper->kick();
  });
  base::log(base::LogLevel::info, "draining: no new clients; a second signal ends it at once");
  signals.on_next([&] { service.cut(); });
  const bool clean = service.drain(drain_timeout);
  if (!clean) {
    base::log(base::LogLevel::warning,
              "some requests were cut; they need a longer --drain-timeout");
  }
  return clean ? kFine : kRuntimeFailure;
}

}  // namespace

int serve(config::Settings settings) {
  Signals signals;  // before any thread: they inherit what is blocked
  share_out_descriptors(settings.service.connections_max);
  const base::Clock& clock = base::system_clock();

  std::unique_ptr<relay::AccessLog> access_log;
  if (!settings.service.access_log.empty()) {
    auto opened = relay::AccessLog::open(settings.service.access_log,
                                         settings.service.access_log_query, clock);
    if (!opened) return fail(opened.error());
    access_log = std::move(*opened);
  }
  relay::LogObserver observer(std::move(access_log));

  auto listeners = open_listeners(settings);
  if (!listeners) return fail(listeners.error());
  std::vector<std::string> addresses;
  for (const net::Listener& listener : *listeners) addresses.push_back(listener.address().text());
  for (const net::Address& address : settings.listen) {
    if (!address.host.empty()) settings.service.allowed_hosts.push_back(address.host);
  }

  Keepers keepers;
  std::map<std::string, token::Source*> credentials;
  for (const token::CredentialOptions& options : settings.credentials) {
    keepers.push_back(token::make_source(options, clock));
    credentials[options.name] = keepers.back().get();
  }
  auto service =
      relay::Service::make(settings.service, std::move(settings.routes),
                           {clock, observer, std::move(credentials), std::move(*listeners)});
  if (!service) return fail(service.error());
  (*service)->start();
  announce(addresses);
  return run_until_signal(signals, **service, keepers, settings.service.drain_timeout);
}

}  // namespace bearer::app
