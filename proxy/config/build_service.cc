#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>

#include "base/text.h"
#include "config/build.h"
#include "config/checks.h"
#include "config/typed.h"
#include "http/chars.h"
#include "http/fields.h"
#include "http/hop_by_hop.h"
#include "http/host_field.h"
#include "http/path.h"

namespace bearer::config {
namespace {

using base::LogFormat;
using base::LogLevel;

constexpr Choice kLogFormats[] = {
    {"text", static_cast<int>(LogFormat::text)},
    {"json", static_cast<int>(LogFormat::json)},
};
constexpr Choice kLogLevels[] = {
    {"debug", static_cast<int>(LogLevel::debug)},
    {"info", static_cast<int>(LogLevel::info)},
    {"warn", static_cast<int>(LogLevel::warning)},
    {"error", static_cast<int>(LogLevel::error)},
};

/// True if two sockets cannot have this address at the same time.
bool is_single(const net::Address& address) {
  return !address.path.empty() || address.port != 0;
}

std::vector<net::Address> read_listen(const Typed& typed) {
  const bool remote = typed.boolean("allow-remote");
  std::vector<net::Address> addresses = typed.addresses("listen");
  for (auto address = addresses.begin(); address != addresses.end(); ++address) {
    if (!remote && !address->is_local()) {
      typed.problem("listen", address->text(),
                    "not a loopback address: whoever reaches it uses the token; "
                    "add --allow-remote if that is meant");
    }
    if (is_single(*address) && std::find(addresses.begin(), address, *address) != address) {
      typed.problem("listen", address->text(), "given twice");
    }
  }
  return addresses;
}

std::optional<net::Address> read_admin(const Typed& typed,
                                       const std::vector<net::Address>& listen) {
  if (typed.text("admin") == "off") return std::nullopt;
  const std::vector<net::Address> addresses = typed.addresses("admin");
  if (addresses.empty()) return std::nullopt;
  const net::Address& address = addresses.front();
  if (!typed.boolean("allow-remote") && !address.is_local()) {
    typed.problem("admin", address.text(),
                  "not a loopback address: whoever reaches it sees what this proxy is doing; "
                  "add --allow-remote if that is meant");
  }
  if (is_single(address) && std::ranges::find(listen, address) != listen.end()) {
    typed.problem("admin", address.text(), "clients connect there: see listen");
  }
  return address;
}

std::vector<std::string> read_allowed_hosts(const Typed& typed) {
  std::vector<std::string> hosts;
  for (const std::string& text : typed.texts("allow-host")) {
    const auto host = http::parse_host(text);
    if (host && host->port == 0) {
      hosts.push_back(base::to_lower(host->name));
    } else {
      typed.problem("allow-host", text, "not a host name without a port");
    }
  }
  return hosts;
}

/// Normalises an origin to a browser's form (RFC 6454 section 6.2): nothing after the authority,
/// and no default port. Extensions have schemes of their own, such as chrome-extension://.
std::string normal_origin(const std::string& text) {
  if (const auto url = http::parse_url(text)) return url->path.empty() ? url->origin() : "";
  const std::size_t scheme = text.find("://");
  if (scheme == std::string::npos || scheme == 0 || base::istarts_with(text, "http")) return "";
  const std::string_view authority = std::string_view(text).substr(scheme + 3);
  const bool plain = authority.find_first_of("/?#@ ") == std::string_view::npos;
  return plain && !authority.empty() ? base::to_lower(text) : "";
}

std::vector<std::string> read_allowed_origins(const Typed& typed) {
  std::vector<std::string> origins;
  for (const std::string& text : typed.texts("allow-origin")) {
    origins.push_back(normal_origin(text));
    if (!origins.back().empty()) continue;
    typed.problem(
        "allow-origin", text,
        "not an origin; write https://app.example.com, without a path or a slash at the end");
  }
  return origins;
}

std::vector<std::string> read_denied_methods(const Typed& typed) {
  std::vector<std::string> methods = typed.texts("deny-method");
  for (const std::string& method : methods) {
    const bool token = !method.empty() && std::ranges::all_of(method, http::is_token_char);
    if (!token) typed.problem("deny-method", method, "not a method; write DELETE");
  }
  return methods;
}

std::vector<std::string> read_denied_paths(const Typed& typed) {
  std::vector<std::string> paths = typed.texts("deny-path");
  for (const std::string& path : paths) {
    // A rule is compared with plain paths, so one in another form would never match.
    const std::string plain = http::plain_path(path);
    if (path != plain && path != plain + "/") {
      typed.problem("deny-path", path, "not a plain path; write " + plain);
    }
  }
  return paths;
}

unsigned read_socket_mode(const Typed& typed) {
  const std::string text = typed.text("socket-mode");
  unsigned mode = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, mode, 8);
  if (error == std::errc() && stop == end && mode <= 0777) return mode;
  typed.problem("socket-mode", text, "not permissions; write 0600 or 0660");
  return 0;
}

std::vector<unsigned> read_allowed_uids(const Typed& typed, bool& any) {
  std::vector<unsigned> uids;
  const std::vector<std::string> texts = typed.texts("allow-uid");
  any = std::ranges::find(texts, "any") != texts.end();
  if (any && texts.size() > 1) {
    typed.problem("allow-uid", "any", "any user, and others beside it; name the one or the others");
  }
  for (const std::string& text : texts) {
    if (text == "any") continue;
    const auto uid = base::parse_decimal(text);
    if (uid && *uid < std::numeric_limits<unsigned>::max()) {
      uids.push_back(static_cast<unsigned>(*uid));
    } else {
      typed.problem("allow-uid", text, "not a user's number; `id -u NAME` prints it");
    }
  }
  return uids;
}

/// A person may name the collector alone, or the path where it takes traces.
http::Url of_traces(http::Url url) {
  constexpr std::string_view kTracesPath = "/v1/traces";
  while (url.path.ends_with('/')) url.path.pop_back();
  if (!url.path.ends_with(kTracesPath)) url.path += kTracesPath;
  return url;
}

std::vector<relay::FixedField> read_collector_fields(const Typed& typed, const std::string& path,
                                                     const Surroundings& around) {
  std::vector<relay::FixedField> fields;
  if (path.empty()) return fields;
  base::Result<std::string> content = around.files.read(path);
  if (!content) return fields;  // that was reported
  for (const auto& [text, number] : http::written_lines(*content)) {
    const http::WrittenField field = http::read_written_field(text);
    std::string wrong = field.wrong;
    if (wrong.empty() && http::bound_to_message(field.name))
      wrong = std::string(field.name) + " frames the message";
    if (wrong.empty()) {
      fields.push_back({std::string(field.name), base::Secret(std::string(field.value))});
    } else {
      typed.problem("otlp-header-file", path, "line " + std::to_string(number) + ": " + wrong);
    }
  }
  base::wipe(*content);
  return fields;
}

std::optional<relay::TraceOptions> read_traces(const Typed& typed, const Surroundings& around) {
  const std::optional<http::Url> url = typed.url("otlp-endpoint");
  if (!url) return std::nullopt;
  if (url->path.find('?') != std::string::npos) {
    typed.problem("otlp-endpoint", typed.text("otlp-endpoint"),
                  "a collector's URL has no query (?)");
  }
  relay::TraceOptions options;
  options.endpoint = of_traces(*url);
  options.fields_file = file(typed, "otlp-header-file", around);
  options.fields = read_collector_fields(typed, options.fields_file, around);
  // Spans hold no secret, but the fields may.
  if (!options.fields.empty()) check_transport(typed, "otlp-endpoint", *url, around);
  options.service = typed.text("otlp-service");
  options.ca_file = file(typed, "ca-file", around);
  options.egress = read_egress(typed, around, url->tls);
  return options;
}

}  // namespace

void build_service(const Values& values, const Surroundings& around, Settings& settings,
                   ConfigErrors& problems) {
  using namespace std::chrono_literals;
  const Typed typed(values, "", problems);
  settings.allow_remote = typed.boolean("allow-remote");
  settings.listen = read_listen(typed);
  settings.admin = read_admin(typed, settings.listen);
  relay::ServiceOptions& service = settings.service;
  service.connections_max = typed.count("max-connections");
  service.threads = typed.count("threads");
  service.replay_bytes_total = typed.size("replay-total");
  service.request_fields_max = typed.count("max-fields");
  service.drain_timeout = typed.duration("drain-timeout", 0ms);
  service.allowed_hosts = read_allowed_hosts(typed);
  service.denied_methods = read_denied_methods(typed);
  service.denied_paths = read_denied_paths(typed);
  service.socket_mode = read_socket_mode(typed);
  service.allowed_uids = read_allowed_uids(typed, settings.any_user);
  service.allowed_origins = read_allowed_origins(typed);
  service.access_log = typed.text("access-log");
  service.access_log_query = typed.boolean("access-log-query");
  service.traces = read_traces(typed, around);
  settings.log.format = typed.choice<LogFormat>("log-format", kLogFormats);
  settings.log.level = typed.choice<LogLevel>("log-level", kLogLevels);
}

}  // namespace bearer::config
