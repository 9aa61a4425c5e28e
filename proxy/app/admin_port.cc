#include "app/admin_port.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <functional>
#include <iterator>
#include <utility>

#include "app/status.h"
#include "base/log.h"
#include "base/text.h"
#include "net/listener.h"
#include "relay/telemetry/metrics.h"

namespace bearer::app {
namespace {

void append(base::MetricFamilies& families, base::MetricFamilies more) {
  std::ranges::move(more, std::back_inserter(families));
}

/// Logged at a level that is written both before and after the change.
void change_log_level(base::LogLevel level) {
  base::set_log_level(level);
  base::log(base::LogLevel::warning, "the log level was changed",
            {{"level", base::name(level)}, {"by", std::string_view("PUT /log-level")}});
}

base::Error unusable(const net::Address& address, const base::Error& error) {
  return {error.code, "admin = \"" + address.text() + "\": " + error.detail +
                          "; name another address with --admin, or --admin off"};
}

}  // namespace

std::vector<std::string> urls_of(const std::vector<net::Listener>& listeners) {
  std::vector<std::string> urls;
  for (const net::Listener& listener : listeners) {
    const std::string address = listener.address().text();
    urls.push_back((address.starts_with("unix:") ? "" : "http://") + address);
  }
  return urls;
}

base::Result<std::unique_ptr<AdminPort>> AdminPort::open(const config::Settings& settings,
                                                         const base::Clock& clock) {
  std::unique_ptr<AdminPort> port(new AdminPort(clock));
  if (!settings.admin) return port;
  const net::Address& address = *settings.admin;
  auto listeners = net::Listener::open(address, settings.service.socket_mode);
  if (!listeners) return unusable(address, listeners.error());
  admin::Server::Options options{settings.service.allowed_hosts, settings.service.allowed_uids};
  if (!address.host.empty()) options.hosts.push_back(base::to_lower(address.host));
  port->urls_ = urls_of(*listeners);
  port->server_ = std::make_unique<admin::Server>(std::move(options), std::move(*listeners), clock);
  return port;
}

void AdminPort::start(const Parts& parts) {
  if (!server_) return;
  server_->start(
      {.status = [this, parts] { return status(parts); },
       .counts = [this, parts] { return counts(parts); },
       .unready = [this, parts] { return unready(parts); },
       .metrics = [this, parts] { return metrics(parts); },
       .requests =
           [this, &service = parts.service](const admin::RequestFilter& filter,
                                            std::function<void(admin::Hooks::WriteRequests)> then) {
             requests(service, filter, std::move(then));
           },
       .beat = [&service =
                    parts.service](const std::function<void()>& then) { service.beat(then); },
       .refresh = [&credentials = parts.credentials] { credentials.refresh_all(); },
       .drain = [this] { draining_ = true; },
       .set_log_level = change_log_level,
       .quit = [] { kill(getpid(), SIGTERM); }});
}

void AdminPort::apply(const config::Settings& settings) {
  if (server_) server_->serve_only(settings.service.allowed_uids);
}

void AdminPort::stop() {
  if (server_) server_->stop();
}

std::string AdminPort::status(const Parts& parts) const {
  const base::Instant now = clock_.now();
  const auto snapshot = parts.service.snapshot();
  return status_json({.now = now,
                      .wall = clock_.wall(),
                      .uptime = now - started_,
                      .draining = draining_,
                      .credentials = facts_of(parts.credentials),
                      .routes = snapshot->routes,
                      .totals = parts.service.totals(),
                      .problems = base::recent_problems()});
}

admin::History::Counts AdminPort::counts(const Parts& parts) const {
  admin::History::Counts counts = counts_of(
      parts.service.totals(relay::CounterRegistry::Routes::used), facts_of(parts.credentials));
  counts.now = clock_.wall();
  counts.uptime = clock_.now() - started_;
  return counts;
}

std::optional<std::string> AdminPort::unready(const Parts& parts) const {
  return app::unready(draining_, facts_of(parts.credentials), clock_.now());
}

void AdminPort::requests(relay::Service& service, const admin::RequestFilter& filter,
                         std::function<void(admin::Hooks::WriteRequests)> then) const {
  service.requests(
      {filter.route, filter.failed, filter.most},
      [&clock = clock_, then = std::move(then)](std::vector<relay::RequestRecord> requests) {
        then([requests = std::move(requests), now = clock.now(), wall = clock.wall()] {
          return requests_json(requests, now, wall);
        });
      });
}

base::MetricFamilies AdminPort::metrics(const Parts& parts) const {
  base::MetricFamilies families =
      relay::metrics_of(parts.service.totals(), *parts.service.snapshot(), clock_.now());
  append(families, metrics_of(facts_of(parts.credentials), clock_));
  base::MetricFamily build = base::gauge_family("build_info", "1, by the program's version");
  base::add_sample(build, {{"version", BEARER_VERSION}}, 1.0);
  base::MetricFamily ready = base::gauge_family("ready", "What /readyz says: 1 or 0");
  base::add_sample(ready, {}, unready(parts) ? 0.0 : 1.0);
  base::MetricFamily unread = base::counter_family(
      "log_lines_lost_total", "Lines of the log that found no room where they are read");
  base::add_sample(unread, {}, base::lost_log_lines());
  append(families, {build, ready, unread});
  if (parts.access_log) {
    base::MetricFamily lost =
        base::counter_family("access_log_lines_lost_total", "Lines that could not be written");
    base::add_sample(lost, {}, parts.access_log->lost());
    append(families, {lost});
  }
  if (parts.traces) append(families, parts.traces->metrics());
  append(families, base::process_metrics());
  return families;
}

}  // namespace bearer::app
