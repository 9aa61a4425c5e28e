#include "app/serve.h"

#include <signal.h>
#include <unistd.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/child.h"
#include "app/exit_status.h"
#include "app/main_loop.h"
#include "app/named_users.h"
#include "app/open_secret_files.h"
#include "app/passed_sockets.h"
#include "app/proxy.h"
#include "app/reload.h"
#include "app/service_manager.h"
#include "app/signals.h"
#include "app/status_line.h"
#include "app/watchdog.h"
#include "base/advice.h"
#include "base/clock.h"
#include "base/line_output.h"
#include "base/log.h"
#include "net/address.h"
#include "token/secret/secret_pipe.h"

namespace bearer::app {
namespace {

constexpr SignalList kSignals{SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGUSR1, SIGUSR2, SIGCHLD};

void announce(const Proxy& proxy) {
  std::string lines;
  for (const std::string& url : proxy.urls()) lines += "listening on " + url + "\n";
  for (const std::string& url : proxy.admin_urls()) lines += "admin on " + url + "\n";
  base::LineOutput(STDOUT_FILENO).write(lines);  // does not wait for a reader
}

/// The first line says what is served, and by which version.
void say_start(const config::Settings& settings) {
  std::string routes;
  for (const relay::RouteOptions& route : settings.routes) {
    routes += (routes.empty() ? "" : ", ") + route.label() + " -> " + route.upstream.text();
  }
  base::log(base::LogLevel::info, "bearer-proxy starts",
            {{"version", std::string_view(BEARER_VERSION)}, {"routes", std::string_view(routes)}});
}

/// Warns because SIGHUP promises that secrets are read again, and a pipe cannot be.
void warn_of_pipes(const config::Settings& settings) {
  for (const token::CredentialOptions& credential : settings.credentials) {
    for (const token::SecretFile& file : credential.secret_files()) {
      if (!token::is_pipe(file.path)) continue;
      base::log(base::LogLevel::warning,
                "a secret's file is a pipe, which can be read once: another secret is not seen "
                "before the next start",
                {{"credential", std::string_view(credential.name)},
                 {"setting", std::string_view(file.setting)},
                 {"file", std::string_view(file.path)}});
    }
  }
}

std::int64_t in_flight(const relay::Service& service) {
  std::uint64_t requests = 0;
  for (const auto& [label, route] : service.totals().routes) requests += route.in_flight;
  return static_cast<std::int64_t>(requests);
}

/// Lets requests in flight finish, unless a second signal cuts them.
int drain(relay::Service& service, base::Duration timeout) {
  base::log(base::LogLevel::info, "draining: no new clients; a second signal ends it at once",
            {{"requests", in_flight(service)}});
  switch (service.drain(timeout)) {
    case relay::Service::Drained::wholly: return kFine;
    case relay::Service::Drained::late:
      base::log(base::LogLevel::warning,
                "some requests were cut; " + base::advice_on(base::Trouble::drain_too_short),
                {{"requests", in_flight(service)}});
      break;
    case relay::Service::Drained::cut:
      base::log(base::LogLevel::warning, "some requests were cut by the second signal",
                {{"requests", in_flight(service)}});
      break;
  }
  return kRuntimeFailure;
}

}  // namespace

int serve(config::Settings settings, const ReadSettings& read_again) {
  const ServiceManager manager = ServiceManager::of_environment();
  auto passed = take_passed_sockets();
  if (!passed) return fail(passed.error());
  const auto where_we_listen = [addresses = addresses_of(*passed)](config::Settings wanted) {
    wanted = listening_on(addresses, std::move(wanted));
    check_named_users(wanted);
    warn_of_open_secret_files(wanted);
    warn_of_pipes(wanted);
    return wanted;
  };
  settings = where_we_listen(std::move(settings));

  Signals::block(kSignals);
  MainLoop main_loop;
  const auto made =
      Proxy::make(std::move(settings), {.main_loop = main_loop, .listeners = std::move(*passed)});
  if (!made) return fail(made.error());
  Proxy& proxy = **made;
  relay::Service& service = proxy.service();
  Reload reload([&] { return where_we_listen(read_again()); }, proxy);
  StatusLine status(manager, base::system_clock());
  const auto read_again_and_tell = [&] {
    manager.reloading();
    reload();
    status.follow(proxy.credentials().in_force());
    manager.ready();
  };
  const auto reopen_access_log = [log = proxy.access_log()] {
    if (log) log->reopen();
  };
  proxy.start();

  ShutdownSequence shutdown;  // used by the signals' thread only
  const Signals signals(kSignals, [&](const siginfo_t& signal, base::Instant came) {
    if (signal.si_signo == SIGHUP) return main_loop.post(read_again_and_tell);
    if (signal.si_signo == SIGUSR1) return main_loop.post(reopen_access_log);
    if (signal.si_signo == SIGUSR2) {
      return base::log(base::LogLevel::info, "SIGUSR2 has no meaning here, and changes nothing");
    }
    // In a container we may be process 1, so orphans of token commands come to us.
    if (signal.si_signo == SIGCHLD) return main_loop.post(reap_orphans);
    switch (shutdown.next(came)) {
      case ShutdownSequence::Step::drain: return main_loop.stop();
      case ShutdownSequence::Step::cut: return service.cut();
      case ShutdownSequence::Step::nothing: return;
    }
  });
  say_start(proxy.settings());
  announce(proxy);
  const Watchdog watchdog(manager, [&service](const auto& then) { service.beat(then); });
  status.follow(proxy.credentials().in_force());
  manager.ready();
  main_loop.run();
  proxy.stop();
  manager.stopping();
  return drain(service, proxy.settings().service.drain_timeout);
}

}  // namespace bearer::app
