#include "app/reload.h"

#include <cstdint>
#include <exception>
#include <string>
#include <string_view>
#include <utility>

#include "base/log.h"
#include "base/memory.h"

namespace bearer::app {
namespace {

/// Names the settings that changed but take effect only after a restart; empty if none.
std::string needs_restart(const config::Settings& began, const config::Settings& wanted) {
  const relay::ServiceOptions& a = began.service;
  const relay::ServiceOptions& b = wanted.service;
  const std::pair<std::string_view, bool> settings[] = {
      {"listen", began.listen == wanted.listen},
      {"admin", began.admin == wanted.admin},
      {"socket_mode", a.socket_mode == b.socket_mode},
      {"threads", a.threads == b.threads},
      {"spin", a.spin == b.spin},
      {"replay_total", a.replay_bytes_total == b.replay_bytes_total},
      {"max_connections", a.connections_max == b.connections_max},
      {"access_log", a.access_log == b.access_log && a.access_log_query == b.access_log_query},
      {"status_requests", a.requests_kept == b.requests_kept},
      {"otlp_endpoint, otlp_header_file, otlp_service or otlp_sample", a.traces == b.traces},
      {"log_format", began.log.format == wanted.log.format},
  };
  std::string changed;
  for (const auto& [name, same] : settings) {
    if (!same) changed.append(changed.empty() ? "" : ", ").append(name);
  }
  return changed;
}

config::Settings without_routes(config::Settings settings) {
  settings.routes = {};
  settings.credentials = {};
  return settings;
}

void say_refused(std::string_view why) {
  base::log(base::LogLevel::error,
            "SIGHUP: the new configuration is refused, the one before goes on", {{"reason", why}});
}

}  // namespace

Reload::Reload(std::function<config::Settings()> read, Proxy& proxy)
    : read_(std::move(read)), proxy_(proxy), began_(without_routes(proxy.settings())) {}

void Reload::operator()() {
  if (proxy_.access_log()) proxy_.access_log()->reopen();
  warn_of_no_temporary_files();
  bool same = false;  // what asks for tokens, and who is served with them
  try {
    config::Settings wanted = read_();
    same = wanted.credentials == proxy_.settings().credentials &&
           wanted.routes == proxy_.settings().routes;
    const base::Result<void> reloaded = apply(std::move(wanted));
    if (!reloaded) return say_refused(reloaded.error().sentence());
  } catch (const std::exception& error) {  // a ConfigError, or no descriptors or threads are left
    return say_refused(error.what());
  }
  if (same) {
    proxy_.credentials().refresh_all();
  } else {
    proxy_.credentials().refresh_stale();
  }
  base::return_free_memory();  // what reading the configuration took
  const config::Settings& settings = proxy_.settings();
  base::log(base::LogLevel::info, "SIGHUP: the configuration was read again",
            {{"routes", static_cast<std::int64_t>(settings.routes.size())},
             {"credentials", static_cast<std::int64_t>(settings.credentials.size())}});
}

base::Result<void> Reload::apply(config::Settings wanted) {
  const std::string later = needs_restart(began_, wanted);
  const base::LogLevel before = proxy_.settings().log.level, level = wanted.log.level;
  const base::Result<void> reloaded = proxy_.apply(std::move(wanted));
  // A level that a person set on the running proxy stays, unless the configuration changed it.
  if (reloaded && level != before) base::set_log_level(level);
  if (reloaded && !later.empty()) {
    base::log(base::LogLevel::warning, "SIGHUP: some settings take effect at the next start only",
              {{"settings", std::string_view(later)}});
  }
  return reloaded;
}

}  // namespace bearer::app
