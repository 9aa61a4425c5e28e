#include "app/reload.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/log.h"

namespace bearer::app {
namespace {

/// The settings that hold from the start to the end, and that differ; empty if none does.
std::string needs_restart(const config::Settings& now, const config::Settings& wanted) {
  const relay::ServiceOptions& a = now.service;
  const relay::ServiceOptions& b = wanted.service;
  const std::pair<std::string_view, bool> settings[] = {
      {"listen", now.listen == wanted.listen},
      {"admin", now.admin == wanted.admin},
      {"socket_mode", a.socket_mode == b.socket_mode},
      {"threads", a.threads == b.threads},
      {"max_connections", a.connections_max == b.connections_max},
      {"access_log", a.access_log == b.access_log && a.access_log_query == b.access_log_query},
      {"log_format, log_level", now.log == wanted.log},
  };
  std::string changed;
  for (const auto& [name, same] : settings) {
    if (!same) changed.append(changed.empty() ? "" : ", ").append(name);
  }
  return changed;
}

void say_refused(std::string_view why) {
  base::log(base::LogLevel::error,
            "SIGHUP: the new configuration is refused, the one before goes on", {{"reason", why}});
}

}  // namespace

relay::ServiceOptions service_options(const config::Settings& settings) {
  relay::ServiceOptions options = settings.service;
  for (const net::Address& address : settings.listen) {
    if (!address.host.empty()) options.allowed_hosts.push_back(address.host);
  }
  return options;
}

relay::Credentials sources(const Credentials::Keepers& keepers) {
  return {keepers.begin(), keepers.end()};
}

Reload::Reload(config::Settings in_force, Parts parts)
    : in_force_(std::move(in_force)), parts_(std::move(parts)) {}

void Reload::operator()() {
  if (parts_.access_log) parts_.access_log->reopen();
  try {
    const base::Result<void> reloaded = go_by(parts_.read());
    if (!reloaded) return say_refused(reloaded.error().detail);
  } catch (const config::ConfigError& error) {
    return say_refused(error.what());
  }
  parts_.credentials.kick_all();
  base::log(base::LogLevel::info, "SIGHUP: the configuration was read again",
            {{"routes", static_cast<std::int64_t>(in_force_.routes.size())},
             {"credentials", static_cast<std::int64_t>(in_force_.credentials.size())}});
}

base::Result<void> Reload::go_by(config::Settings wanted) {
  Credentials::Keepers keepers = parts_.credentials.prepare(wanted.credentials);
  const base::Result<void> reloaded =
      parts_.service.reload(service_options(wanted), wanted.routes, sources(keepers));
  if (!reloaded) return reloaded;
  parts_.credentials.take(std::move(keepers), wanted.credentials);
  parts_.pauses.go_by(wanted.credentials);
  const std::string later = needs_restart(in_force_, wanted);
  if (!later.empty()) {
    base::log(base::LogLevel::warning, "SIGHUP: some settings take effect at the next start only",
              {{"settings", std::string_view(later)}});
  }
  in_force_ = std::move(wanted);
  return {};
}

}  // namespace bearer::app
