#include "config/environment.h"

#include <unistd.h>

#include <string_view>
#include <utility>
#include <vector>

#include "base/text.h"

namespace bearer::config {
namespace {

const Option* find_by_variable(std::string_view variable) {
  for (const Option& option : option_table()) {
    if (option.can_be(kEnvironment) && option.environment() == variable) return &option;
  }
  return nullptr;
}

/// True for variables with our prefix that others set: `exec` for its children, and Kubernetes in
/// every pod beside a Service that is named bearer-proxy.
bool is_somebody_elses(std::string_view variable, std::string_view value) {
  if (variable == "BEARER_PROXY_URL" || variable == "BEARER_PROXY_ADMIN_URL") return true;
  if (variable.starts_with("BEARER_PROXY_SERVICE_")) return true;
  return variable.starts_with("BEARER_PROXY_PORT_") ||
         (variable == "BEARER_PROXY_PORT" && value.find("://") != std::string_view::npos);
}

std::string unknown_variable(std::string_view variable) {
  std::vector<std::string> known;
  for (const Option& option : option_table()) {
    if (!option.can_be(kEnvironment)) continue;
    known.push_back(option.environment().substr(kEnvironmentPrefix.size()));
  }
  return "unknown environment variable " + std::string(variable) +
         did_you_mean(variable.substr(kEnvironmentPrefix.size()), known, kEnvironmentPrefix);
}

/// Empty if it is not set.
std::string variable(const Environment& environment, const std::string& name) {
  const auto found = environment.find(name);
  return found == environment.end() ? "" : found->second;
}

/// The URL for traces: the variable's value, or derived from it.
std::string traces_url(std::string base, bool whole) {
  if (whole) return base;
  while (base.ends_with('/')) base.pop_back();
  return base + "/v1/traces";
}

/// True if an endpoint that was set for all programs of a pod is meant for us, too.
bool wants_traces_of_us(const Environment& environment) {
  const std::string own = variable(environment, "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL");
  const std::string protocol =
      own.empty() ? variable(environment, "OTEL_EXPORTER_OTLP_PROTOCOL") : own;
  const std::string exporter = variable(environment, "OTEL_TRACES_EXPORTER");
  return protocol != "grpc" && (exporter.empty() || exporter == "otlp") &&
         !base::iequals(variable(environment, "OTEL_SDK_DISABLED"), "true");
}

}  // namespace

Values telemetry_values(const Environment& environment) {
  Values values;
  const std::string service = variable(environment, "OTEL_SERVICE_NAME");
  if (!service.empty()) values["otlp-service"] = {{service}, "OTEL_SERVICE_NAME", ""};
  if (!wants_traces_of_us(environment)) return values;
  const std::pair<const char*, bool> endpoints[] = {{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", true},
                                                    {"OTEL_EXPORTER_OTLP_ENDPOINT", false}};
  for (const auto& [name, whole] : endpoints) {
    const std::string url = variable(environment, name);
    if (url.empty()) continue;
    values["otlp-endpoint"] = {{traces_url(url, whole)}, name, ""};
    break;
  }
  return values;
}

Environment process_environment() {
  Environment environment;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    std::string_view value = *entry;
    const std::string_view name = base::take_until(value, '=');
    environment.emplace(name, value);
  }
  return environment;
}

Values environment_values(const Environment& environment, ConfigErrors& problems) {
  Values values;
  for (auto entry = environment.lower_bound(kEnvironmentPrefix); entry != environment.end();
       ++entry) {
    const auto& [variable, text] = *entry;
    if (!variable.starts_with(kEnvironmentPrefix)) break;
    const Option* option = find_by_variable(variable);
    if (option == nullptr) {
      if (!is_somebody_elses(variable, text)) problems.add(unknown_variable(variable));
    } else if (text.empty() && !option->may_be_empty) {
      continue;
    } else if (option->name == "client-secret") {
      values["client-secret-env"] = {{variable}, variable, ""};
    } else if (option->repeats == Repeats::commas) {
      if (auto texts = split_list(text); !texts.empty()) {
        values[option->name] = {std::move(texts), variable, ""};
      }
    } else {
      values[option->name] = {{text}, variable, ""};
    }
  }
  return values;
}

}  // namespace bearer::config
